"""What each room knows of a person, and what becomes of it when they are erased.

A room above declares both in its ``AppConfig.ready``, for each of its models that refers to a person:

    section("visits", _("Visits"), models=[Visit])(visits_of)
    on_erasure(Visit, Fate.WIPED, wipe_visits)

A test goes through all models and fails until each that refers to ``Member`` is in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import models

from members.models import Member

Row = dict[str, Any]
SectionReader = Callable[[Member], Iterable[Row]]


@dataclass(frozen=True)
class Section:
    """One part of what is known. ``models`` are those whose rows it tells of.

    ``labels`` names the columns of its rows; what it does not name is called by the model's field.
    """

    key: str
    title: Any
    models: Sequence[type[models.Model]]
    labels: dict[str, Any]
    reader: SectionReader


class Fate(Enum):
    """What an erasure does with the rows of a model."""

    DELETED = "deleted"
    # The rows stay, without anything personal.
    WIPED = "wiped"
    # Nothing personal is in them.
    KEPT = "kept"


@dataclass(frozen=True)
class Erasure:
    """One erasure. ``member_ids`` are the person and whoever went into them by a merge.

    ``emails`` and ``names`` (first, last) are what they were called, to find them in texts.
    """

    member_ids: frozenset[UUID]
    emails: frozenset[str]
    names: frozenset[tuple[str, str]]


Eraser = Callable[[Erasure], None]


@dataclass(frozen=True)
class Treatment:
    fate: Fate
    erase: Eraser | None


sections: dict[str, Section] = {}
treatments: dict[type[models.Model], Treatment] = {}


def section(
    key: str, title: Any, *, models: Sequence[type[models.Model]], labels: dict[str, Any] | None = None
) -> Callable[[SectionReader], SectionReader]:
    """Adds a part to what is told about a person; the function gives its rows, of JSON's types, times
    and UUIDs. It tells everything, also what is confidential: the person has a right to it.
    """

    def add(reader: SectionReader) -> SectionReader:
        sections[key] = Section(key, title, tuple(models), labels or {}, reader)
        return reader

    return add


def on_erasure(model: type[models.Model], fate: Fate, erase: Eraser | None = None) -> None:
    """Declares what becomes of the rows of ``model``; ``erase`` does it, inside the transaction.

    What it deletes or changes must not get into the history: nothing is recorded meanwhile, and the
    room wipes what is there with ``core.history.wipe``.
    """
    treatments[model] = Treatment(fate, erase)
