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


kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Names a kind of fact."""
    kinds[kind.name] = kind
