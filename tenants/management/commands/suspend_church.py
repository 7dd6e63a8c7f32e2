"""``manage.py suspend_church SUBDOMAIN``"""

from __future__ import annotations

from typing import Any

from tenants.domain import suspend_church
from tenants.management.base import ChurchCommand


class Command(ChurchCommand):
    help = "Closes a church's hosts and stops its jobs. Nothing is deleted; resume_church opens it again."

    def handle(self, *args: Any, **options: Any) -> None:
        church = self.church(options["subdomain"])
        suspend_church(church=church)
        self.stdout.write(f"{church.host} is suspended.")
