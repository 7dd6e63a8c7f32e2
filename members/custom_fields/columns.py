"""Own fields in imported files: which column fills which field, and fields that a file brings along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from members.models import CustomField
from members.search import words

from . import domain
from .values import PREFIX
from .visibility import all_fields, is_visible


def _compared(name: str) -> str:
    return "".join(words(name))


def field_named(name: str, fields: Iterable[CustomField]) -> CustomField | None:
    """The field that a column or a mapping means with ``name``: its key, or its key or label written in
    another way.
    """
    known = list(fields)
    exact = next((field for field in known if field.key == name), None)
    wanted = _compared(name)
    return exact or next(
        (field for field in known if wanted and wanted in {_compared(field.key), _compared(field.label)}),
        None,
    )


def settle_columns(columns: Sequence[Any], *, user: Any, dry_run: bool) -> None:
    """Makes each target ``custom_fields.<name>`` of ``columns`` (``importing.columns.Column``) name a
    field by its key. Names that no field has define one, unless this is a trial run.

    Columns for fields that ``user`` (None: the program) does not see, or that are put away, and names
    that the user may not define, fill nothing.
    """
    if not any(target.startswith(PREFIX) for column in columns for target in column.fields):
        return
    known = all_fields()
    new: list[CustomField] = []
    taken: set[str] = set()
    for column in columns:
        settled = [target for target in column.fields if not target.startswith(PREFIX)]
        for target in column.fields:
            if not target.startswith(PREFIX):
                continue
            field = _field_for(target.removeprefix(PREFIX), known, new, user)
            if field is not None and field.key not in taken:
                taken.add(field.key)
                settled.append(f"{PREFIX}{field.key}")
        column.fields = settled
    if not dry_run:
        domain.define_planned_fields(fields=new)


def _field_for(name: str, known: list[CustomField], new: list[CustomField], user: Any) -> CustomField | None:
    field = field_named(name, [*known, *new])
    if field is None and domain.may_define(user):
        field = domain.planned_field(name, [*known, *new])
        new.append(field)
    if field is None or field.archived:
        return None
    return field if user is None or is_visible(field, user.role) else None


def fields_for(columns: Iterable[dict[str, Any]]) -> list[CustomField]:
    """The church's fields for the run of an import with ``columns`` (``MemberImport.columns``), and those
    that a trial run would define. One query.
    """
    known = all_fields()
    keys = {field.key for field in known}
    targets = [target for column in columns for target in column["fields"] if target.startswith(PREFIX)]
    missing = [key for target in targets if (key := target.removeprefix(PREFIX)) not in keys]
    planned = [domain.planned_field(key, ()) for key in missing]
    for field, key in zip(planned, missing, strict=True):
        field.key = key
    return [*known, *planned]
