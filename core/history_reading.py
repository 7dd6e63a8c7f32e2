"""Reading the history: which fields changed, by their labels, from what to what.

What is kept in one column as an object (an address, fields of a church's own) is told of part by part;
``label_parts`` gives the parts their names, ``name_values`` gives names to values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.text import capfirst

from .history import fields_told_of, pointer_of
from .models import EMPTY, HistoryEntry

ACTIONS = {
    HistoryEntry.Action.CREATE: "create",
    HistoryEntry.Action.UPDATE: "update",
    HistoryEntry.Action.DELETE: "delete",
}

PartLabels = Callable[[], Mapping[str, Any]]

_part_labels: dict[tuple[str, str], PartLabels] = {}
_further_labels: dict[tuple[str, str], Any] = {}
_value_names: dict[tuple[str, str], Mapping[str, Any]] = {}


def label_parts(model: type[models.Model], field: str, labels: PartLabels) -> None:
    """``labels`` gives the names of the parts of ``field``; asked once for each page of entries."""
    _part_labels[model._meta.label_lower, field] = labels


def label_further(model: type[models.Model], name: str, label: Any) -> None:
    """The label of something that an entry tells of and that is no field of the model."""
    _further_labels[model._meta.label_lower, name] = label


def name_values(model: type[models.Model], field: str, names: Mapping[str, Any]) -> None:
    """What values of ``field`` (``rule.match`` for a part) are called, where the model has no choices."""
    _value_names[model._meta.label_lower, field] = names


def value_names(kind: str, field: str) -> Mapping[str, Any]:
    """Value -> what it is called: a status, a role, a kind. Other values are not in it."""
    known = _value_names.get((kind, field))
    if known is None:
        found = field_of(model_of(kind), field)
        known = dict(getattr(getattr(found, "base_field", found), "flatchoices", None) or {})
    return known


@dataclass(frozen=True)
class Change:
    """``field`` is its name, ``address.city`` for a part; the values are JSON's."""

    field: str
    label: str
    before: Any
    after: Any


def model_of(kind: str) -> type[models.Model] | None:
    """The model of an entry; None when a later version has none of that name."""
    try:
        return apps.get_model(kind)
    except LookupError:
        return None


def field_of(model: type[models.Model] | None, name: str) -> Any:
    """The field of that name; None when there is none."""
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def kind_label(kind: str) -> str:
    """``members.membernote`` as people say it: note."""
    model = model_of(kind)
    return str(model._meta.verbose_name) if model else kind.rpartition(".")[2]


def are_objects(before: Any, after: Any) -> bool:
    """Whether a change is told of part by part."""
    return all(value in EMPTY or isinstance(value, dict) for value in (before, after)) and any(
        isinstance(value, dict) for value in (before, after)
    )


class Reader:
    """Reads the entries of one page. ``hidden`` are fields and parts that are left out."""

    def __init__(self, *, hidden: Collection[str] = ()) -> None:
        self._hidden = frozenset(hidden)
        self._labels: dict[tuple[str, str], Mapping[str, Any]] = {}

    def changes(self, entry: HistoryEntry) -> list[Change]:
        """What the entry tells, in the order of the model's fields."""
        model = model_of(entry.kind)
        order = [field.name for field in model._meta.fields] if model else []
        told = fields_told_of(model) if model else frozenset()
        found: list[Change] = []
        for name in sorted(entry.changes, key=lambda name: order.index(name) if name in order else -1):
            field = field_of(model, name)
            before, after = entry.changes[name]
            if (field is not None and name not in told) or self._only_says_whose(entry, field, before, after):
                continue
            found += self._changes_of_field(entry.kind, name, field, before, after)
        return [change for change in found if change.field not in self._hidden]

    def _only_says_whose(self, entry: HistoryEntry, field: Any, before: Any, after: Any) -> bool:
        known = {None, str(entry.about)}
        return field is not None and field.is_relation and before in known and after in known

    def _changes_of_field(self, kind: str, name: str, field: Any, before: Any, after: Any) -> list[Change]:
        if not are_objects(before, after):
            return [Change(name, self._label(kind, name, field), before, after)]
        earlier, later = before or {}, after or {}
        return [
            Change(f"{name}.{part}", self._part_label(kind, name, part), earlier.get(part), later.get(part))
            for part in dict.fromkeys([*earlier, *later])
            if earlier.get(part) != later.get(part)
        ]

    def _label(self, kind: str, name: str, field: Any) -> str:
        known = field.verbose_name if field is not None else _further_labels.get((kind, name))
        return str(capfirst(known or name.replace("_", " ")))

    def _part_label(self, kind: str, name: str, part: str) -> str:
        key = (kind, name)
        if key not in self._labels:
            self._labels[key] = _part_labels[key]() if key in _part_labels else {}
        return str(self._labels[key].get(part) or part.replace("_", " ").capitalize())

    def names(self, entries: Iterable[HistoryEntry]) -> dict[str, str]:
        """Id -> name of the rows that the entries point to and that are still there.

        One query for each model that is pointed to.
        """
        wanted: dict[type[models.Model], set[str]] = defaultdict(set)
        for entry in entries:
            model = model_of(entry.kind)
            if model is None:
                continue
            if entry.about and (pointer := pointer_of(model)) is not None:
                wanted[pointer].add(str(entry.about))
            for name, pair in entry.changes.items():
                field = field_of(model, name)
                if field is not None and field.many_to_one:
                    wanted[field.related_model] |= {value for value in pair if value}
        return {
            str(key): str(row)
            for model, ids in wanted.items()
            for key, row in model._base_manager.in_bulk(list(ids)).items()
        }
