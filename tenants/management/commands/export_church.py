"""``manage.py export_church SUBDOMAIN --to FILE``"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from tenants.management.base import ChurchCommand, told_plainly
from tenants.transfer import export_church


class Command(ChurchCommand):
    help = "Writes everything of a church into one file, for a backup or another installation."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--to", required=True, type=Path, metavar="FILE", help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        church, path = self.church(options["subdomain"]), options["to"]
        with told_plainly():
            manifest = export_church(church=church, path=path, report=self.stdout.write)
        rows = sum(table.rows for table in manifest.tables)
        self.stdout.write(
            f"{church.host}: {rows} rows of {len(manifest.tables)} tables are in {path} "
            f"({path.stat().st_size} bytes). Keep FIELD_ENCRYPTION_KEYS too: without them its "
            "encrypted values cannot be read."
        )
