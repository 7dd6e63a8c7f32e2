"""``manage.py list_churches [--json]``"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tenants.models import Church

COLUMNS = {
    "SUBDOMAIN": "subdomain",
    "STATUS": "status",
    "PLAN": "plan_type",
    "ID": "id",
    "HOST": "host",
    "NAME": "name",
}


def _row(church: Church) -> dict[str, Any]:
    last_active_at = church.last_active_at
    return {
        "id": str(church.id),
        "name": church.name,
        "subdomain": church.subdomain,
        "host": church.host,
        "url": church.url,
        "hosts": sorted(domain.domain for domain in church.domains.all()),
        "plan_type": church.plan_type,
        "status": church.status,
        "timezone": church.timezone,
        "language": church.language,
        "country": church.country,
        "created_at": church.created_at.isoformat(),
        "last_active_at": last_active_at.isoformat() if last_active_at else None,
    }


class Command(BaseCommand):
    help = "Lists the churches of this installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="a JSON array, one object a church")

    def handle(self, *args: Any, **options: Any) -> None:
        churches = Church.objects.order_by("subdomain").prefetch_related("domains")
        rows = [_row(church) for church in churches.iterator(chunk_size=500)]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False))
            return
        headings = {
            "subdomain": "SUBDOMAIN",
            "status": "STATUS",
            "plan_type": "PLAN",
            "id": "ID",
            "host": "HOST",
        }
        widths = {
            column: max([len(heading), *(len(row[column]) for row in rows)])
            for column, heading in headings.items()
        }
        for row in [headings | {"name": "NAME"}, *rows]:
            cells = [row[column].ljust(width) for column, width in widths.items()]
            self.stdout.write("  ".join([*cells, row["name"]]))
