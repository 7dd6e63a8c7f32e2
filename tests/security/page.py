"""One line of the table of pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PUBLIC = "public"
SIGNED_IN = "signed-in"
NOBODY = "nobody"


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
        path = self.route
        own, second = identifier if isinstance(identifier, tuple) else (identifier, identifier)
        for name in ("<path:object_id>", "<uuid:user_id>", "<uuid:person_id>", "<uuid:merge_id>"):
            path = path.replace(name, str(own))
        path = path.replace("<uuid:note_id>", str(second))
        for name, value in FIXED.items():
            path = path.replace(name, value)
        return f"/{path}"


# What stands in for the parts of a route that are no ids.
FIXED = {
    "<path:content_type_id>/": "1/",
    "^(?P<app_label>accounts|members)/$": "members/",
    "(?P<url>.*)$": "nothing/at/all",
    "<str:token>": "no-token",
}
