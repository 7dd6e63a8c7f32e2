"""What rooms above make of their own for somebody because an import made the person.

An undo of the import leaves people to whom something was added since. What a room made with the person is
no such thing: it says so here, in ``AppConfig.ready``, and goes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from django.db import models

# (ids of people, id of the import) -> ids of rows.
CompanionReader = Callable[[Collection[UUID], UUID], set[UUID]]
_readers: dict[type[models.Model], CompanionReader] = {}


def companions(model: type[models.Model]) -> Callable[[CompanionReader], CompanionReader]:
    """Adds a reader of the rows of ``model`` that came with people by an import."""

    def add(reader: CompanionReader) -> CompanionReader:
        _readers[model] = reader
        return reader

    return add


def companions_of(model: type[models.Model], ids: Collection[UUID], import_id: UUID) -> set[UUID]:
    """Ids of the rows of ``model`` that came with the people by the import. At most one query."""
    reader = _readers.get(model)
    return reader(ids, import_id) if reader is not None else set()
