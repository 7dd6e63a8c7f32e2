"""What led to what: a prayer request to a visit, a visit to a follow-up.

Rooms of one floor do not import one another. One keeps the kind and the id of what it came from
(``"prayer_request"`` and its id), and says here how to find its rows by them; the other asks.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User


@dataclass(frozen=True)
class Link:
    """One row that came from, or led to, another: what ``user`` may read of it."""

    at: datetime
    title: str
    url: str = ""


# (user, kind, id) -> rows.
LinkReader = Callable[[User, str, uuid.UUID], Sequence[Link]]
_readers: list[LinkReader] = []


def linking(reader: LinkReader) -> LinkReader:
    """Adds a reader of links."""
    _readers.append(reader)
    return reader


def links_to(*, user: User, kind: str, identifier: uuid.UUID) -> list[Link]:
    """Everything that hangs on the row of ``kind`` with this id, by time, as ``user`` may see it."""
    found = [link for reader in _readers for link in reader(user, kind, identifier)]
    return sorted(found, key=lambda link: link.at)
