"""``manage.py create_church --name --subdomain --plan --admin-email [--admin-password] …``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import links
from accounts.domain import link_for, open_church
from tenants.context import enter_church
from tenants.management.base import told_plainly
from tenants.models import Church

PLANS = ", ".join(Church.Plan.values)


class Command(BaseCommand):
    help = "Makes a church: its schema, its host and its first administrator, all or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="the church's name")
        parser.add_argument("--subdomain", required=True, help="the part before the platform's domain")
        parser.add_argument("--plan", required=True, help=f"one of {PLANS}")
        parser.add_argument("--admin-email", required=True, help="who is the first administrator")
        parser.add_argument("--admin-password", help="without it, a link to set one is printed")
        parser.add_argument("--timezone", default="UTC", help="IANA name, like America/Chicago (UTC)")
        parser.add_argument("--language", default="en", help="en or es (en)")
        parser.add_argument("--country", default="US", help="two letters of ISO 3166 (US)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] not in Church.Plan.values:
            raise CommandError(f"plan: “{options['plan']}” is none of {PLANS}.")
        with told_plainly():
            church, administrator = open_church(
                name=options["name"],
                subdomain=options["subdomain"],
                plan_type=options["plan"],
                timezone_name=options["timezone"],
                language=options["language"],
                country=options["country"],
                admin_email=options["admin_email"],
                admin_password=options["admin_password"],
            )
        self.stdout.write(f"id: {church.id}")
        self.stdout.write(f"host: {church.host}")
        if options["admin_password"] is None:
            with enter_church(church):
                link = link_for(administrator, links.INVITATION)
            self.stdout.write(f"set-password link: {link}")
