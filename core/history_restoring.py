"""Making a row again from the history entry about its deletion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models

from .fields import EncryptedTextField
from .history import not_recorded, record_created
from .history_reading import field_of, model_of
from .models import HistoryEntry


def row_of(entry: HistoryEntry) -> Any:
    """The row as it was when it was deleted, not saved; what lay encrypted is empty.

    Raises LookupError when there is no such model any more.
    """
    model = model_of(entry.kind)
    if model is None or entry.action != HistoryEntry.Action.DELETE:
        raise LookupError(entry.kind)
    values: dict[str, Any] = {}
    for name, (before, _after) in entry.changes.items():
        field = field_of(model, name)
        if field is not None and not isinstance(field, EncryptedTextField):
            kind = field.target_field if field.is_relation else field
            values[field.attname] = kind.to_python(before)
    return model(pk=entry.object_pk, **values)


def make_again(row: models.Model, *, entry: HistoryEntry) -> None:
    """Saves what ``row_of`` gave, with the time at which it was first made; the history says so.

    Raises IntegrityError where it can no longer be.
    """
    made_at: datetime | None = getattr(row, "created_at", None)
    with not_recorded():
        row.save(force_insert=True)
    record_created([row], batch=entry.pk)
    if made_at is not None:
        type(row)._base_manager.filter(pk=row.pk).update(created_at=made_at)
        row.created_at = made_at  # type: ignore[attr-defined]  # of the base model
