"""What one line of the table of endpoints says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PUBLIC = "public"
SIGNED_IN = "signed-in"
# Parts of a route that are ids: of what ``kind`` says, and of what lies below it or beside it.
OWN = "<uuid:pk>"
SECOND = re.compile(r"<uuid:\w+>|<second>")


@dataclass(frozen=True)
class Endpoint:
    """``needs`` is a permission of the table, PUBLIC or SIGNED_IN; ``ok`` the status when all is well.

    ``kind`` says what the id in the route is of, a key of ``MAKERS``; a maker may answer two ids, of
    which the second is put in for what lies below or beside the first. ``body`` makes a fresh body;
    it is given the actors' tokens. ``form`` sends it as multipart.
    """

    method: str
    route: str
    needs: str
    ok: int = 200
    kind: str = ""
    body: Callable[[Any], Any] | None = None
    form: bool = False
    query: str = ""

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"

    def path(self, identifier: Any) -> str:
        """The route with ``identifier`` and, where it asks for more, fixed values put in."""
        own, second = identifier if isinstance(identifier, tuple) else (identifier, identifier)
        path = f"/{self.route}{self.query}".replace("<path:tag>", "Choir").replace(OWN, str(own))
        return SECOND.sub(str(second), path)
