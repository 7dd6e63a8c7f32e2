"""``manage.py load_demo``: two churches with people in them, and accounts whose password is known."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from accounts.models import User
from members.demo.churches import CHURCHES, PASSWORD, SUPERUSER
from members.demo.load import load_church
from tenants.context import outside_churches
from tenants.models import Church


class Command(BaseCommand):
    help = "Brings the tables up to date and loads two demo churches (grace, hope) when there is no church."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--allow",
            action="store_true",
            help="load them although DEBUG is off; everybody can know the password of their accounts",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["allow"]:
            raise CommandError(
                "DEBUG is off, so this may be a real installation, and the password of the demo's accounts "
                "is public. Nothing was loaded. If this is to be a demo, say so with --allow."
            )
        with outside_churches():
            if self._holds_something_else():
                raise CommandError(
                    "This database holds churches or users that are not the demo's. Nothing was changed."
                )
            call_command("migrate", verbosity=0, interactive=False, stdout=self.stdout)
            if Church.objects.exists():
                self.stdout.write("The demo is loaded already; nothing was changed.")
                return
            with transaction.atomic():
                if not User.objects.filter(email=SUPERUSER).exists():
                    User.objects.create_superuser(SUPERUSER, PASSWORD)
                for church in CHURCHES:
                    people = load_church(church)
                    self.stdout.write(f"{church.name} ({church.subdomain}): {people} people.")
                    self.stdout.writelines(f"  {role}: {email}" for role, email in church.accounts())
            self.stdout.write(f"The platform's superuser: {SUPERUSER}. Everybody's password: {PASSWORD}")

    def _holds_something_else(self) -> bool:
        tables = set(connection.introspection.table_names())
        if not {Church._meta.db_table, User._meta.db_table} <= tables:
            return False
        if User.objects.filter(email=SUPERUSER).exists():
            return False
        demo = Church.objects.filter(subdomain__in=[church.subdomain for church in CHURCHES])
        return (Church.objects.exists() and not demo.exists()) or User.objects.exists()
