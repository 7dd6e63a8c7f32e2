"""What rooms above add to the demo's churches."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import User

# The church's accounts by role. Runs inside the church, when its people are there.
Part = Callable[[dict[str, User]], None]
_parts: list[tuple[int, Part]] = []


def demo_part(position: int) -> Callable[[Part], Part]:
    """Adds a part of the demo's data, by rising ``position``; it goes through the room's doors.

    Times are counted from today, so that the demo always shows a month around it.
    """

    def add(part: Part) -> Part:
        _parts.append((position, part))
        return part

    return add


def load_parts(accounts: dict[str, User]) -> None:
    """Loads what the rooms above have added."""
    for _position, part in sorted(_parts, key=lambda entry: entry[0]):
        part(accounts)
