"""``manage.py delete_church SUBDOMAIN --yes``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants.domain import delete_church
from tenants.management.base import ChurchCommand


class Command(ChurchCommand):
    help = "Deletes a church with all its data, for good."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--yes", action="store_true", help="really delete it")

    def handle(self, *args: Any, **options: Any) -> None:
        church = self.church(options["subdomain"])
        if not options["yes"]:
            raise CommandError(
                f"This would delete {church.name} ({church.host}) with all its data, for good. "
                f"Keep it first (manage.py export_church {church.subdomain} --to FILE), "
                "then say --yes."
            )
        delete_church(church=church)
        self.stdout.write(f"{church.host} is deleted.")
