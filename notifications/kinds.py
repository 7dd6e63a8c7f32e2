"""The kinds of facts that users are told of. Each room names its own in ``AppConfig.ready``.

register(Kind("prayer.urgent", _("Urgent prayer request"), text_of, permission="prayer:read"))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of fact.

    ``text`` makes one line of it out of the row's ``data``, in the language of whoever reads: nothing
    written stands in the row. ``permission`` is what it takes to be told; asked again at reading.
    ``is_urgent`` ones are told in the app whatever a user prefers.
    """

    name: str
    title: Any
    text: Callable[[dict[str, Any]], str]
    permission: str = ""
    is_urgent: bool = False

    def is_for(self, user: Any) -> bool:
        """Whether ``user``'s role may be told."""
        return not self.permission or user.has_permission(self.permission)


kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Names a kind of fact."""
    kinds[kind.name] = kind


def kinds_for(user: Any) -> list[Kind]:
    """The kinds of which ``user`` may be told, by their titles."""
    return sorted((kind for kind in kinds.values() if kind.is_for(user)), key=lambda kind: str(kind.title))


def names_for(user: Any) -> list[str]:
    """Names of the kinds of which ``user`` may be told, in a fixed order."""
    return sorted(kind.name for kind in kinds.values() if kind.is_for(user))
