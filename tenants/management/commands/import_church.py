"""``manage.py import_church FILE [--subdomain]``"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tenants.management.base import told_plainly
from tenants.transfer import import_church


class Command(BaseCommand):
    help = "Makes the church that a file of export_church holds: the same one, or, beside it, a copy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a file that export_church wrote")
        parser.add_argument("--subdomain", help="another subdomain than the exported church had")
        parser.add_argument(
            "--suspended",
            action="store_true",
            help="suspended until resume_church: a copy would send what the original sends, too",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with told_plainly():
            church = import_church(
                path=options["file"],
                subdomain=options["subdomain"],
                suspended=options["suspended"],
                report=self.stdout.write,
            )
        self.stdout.write(f"id: {church.id}")
        self.stdout.write(f"host: {church.host}")
