"""``manage.py rotate_field_keys``: the second step of changing the key of encrypted fields."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.key_rotation import Rotation, rotate_stored_values
from tenants.context import enter_church, outside_churches
from tenants.models import Church


class Command(BaseCommand):
    help = (
        "Encrypts every encrypted field of every church with the first key of FIELD_ENCRYPTION_KEYS, so that "
        "the others can be taken out. Can be stopped and started again while the installation runs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with outside_churches():
            churches = list(Church.objects.order_by("created_at"))
            total = rotate_stored_values(_labels(settings.SHARED_APPS))
            self._report("platform", total)
        for church in churches:
            with enter_church(church, even_suspended=True):
                done = rotate_stored_values(_labels(settings.TENANT_APPS))
            self._report(church.subdomain, done)
            total.rotated += done.rotated
            total.undecipherable += done.undecipherable
        self.stdout.write(f"Values encrypted anew: {total.rotated}.")
        if total.undecipherable:
            raise CommandError(
                f"No key in FIELD_ENCRYPTION_KEYS decrypts {len(total.undecipherable)} values. "
                "They were left as they are; do not take a key out before they are read."
            )
        self.stdout.write("Every value is encrypted with the first key; the others can be taken out.")

    def _report(self, place: str, done: Rotation) -> None:
        if done.rotated:
            self.stdout.write(f"{place}: {done.rotated}")
        for value in done.undecipherable:
            self.stderr.write(f"{place}: no key decrypts {value}")


def _labels(names: list[str]) -> set[str]:
    return {config.label for config in apps.get_app_configs() if config.name in names}
