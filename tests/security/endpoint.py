"""What the table of endpoints says of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PUBLIC = "public"
SIGNED_IN = "signed-in"


@dataclass(frozen=True)
class Endpoint:
    """``needs`` is a permission of the table, PUBLIC or SIGNED_IN; ``ok`` the status when all is well.

    ``kind`` says what the id in the route is of, a key of ``MAKERS``. ``body`` makes a fresh body;
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
        path = self.route.replace("<uuid:pk>", str(identifier)).replace("<path:tag>", "Choir")
        return f"/{path}{self.query}"
