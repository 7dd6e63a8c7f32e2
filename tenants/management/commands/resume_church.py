"""``manage.py resume_church SUBDOMAIN``"""

from __future__ import annotations

from typing import Any

from tenants.domain import resume_church
from tenants.management.base import ChurchCommand


class Command(ChurchCommand):
    help = "Opens a suspended church's hosts again and takes up its unfinished jobs."

    def handle(self, *args: Any, **options: Any) -> None:
        church = self.church(options["subdomain"])
        resume_church(church=church)
        self.stdout.write(f"{church.host} is active.")
