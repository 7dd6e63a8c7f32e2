"""One line of the table of pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

PUBLIC = "public"
SIGNED_IN = "signed-in"
NOBODY = "nobody"
# The parts of a route that are ids.
ID = re.compile(r"<path:object_id>|<uuid:\w+>")


@dataclass(frozen=True)
class Page:
    """``needs`` is a permission, PUBLIC, SIGNED_IN or NOBODY; ``ok`` what GET answers when all is well.

    ``kind`` says what the id in the route is of, a key of ``tests.security.endpoints.MAKERS``.
    """

    route: str
    needs: str
    ok: int = 200
    kind: str = ""

    def path(self, identifier: Any) -> str:
        """The route with ids put in: the first for what it is of, a second for what lies below that."""
        own, second = identifier if isinstance(identifier, tuple) else (identifier, identifier)
        path = ID.sub(str(own), self.route, count=1)
        path = ID.sub(str(second), path)
        for name, value in FIXED.items():
            path = path.replace(name, value)
        return f"/{path}"


# What stands in for the parts of a route that are no ids.
FIXED = {
    "<path:content_type_id>/": "1/",
    "^(?P<app_label>accounts|members)/$": "members/",
    "(?P<url>.*)$": "nothing/at/all",
    "<str:token>": "no-token",
    "<str:secret>": "no-secret",
}
