"""The history: every change of a tracked row, field by field, with who made it, when and from where.

django-auditlog compares and listens; where its entries stand is ours (``core.models.HistoryEntry``),
in one table of the schema that was entered. A room names its models in ``AppConfig.ready`` with
``track``. Saving and deleting single rows is then noticed by itself; a door that changes many rows in
one statement says so with ``record_created``, ``record_changed`` and ``record_removed``.

What lies encrypted never comes into the history: that it changed does, what it was does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from auditlog.context import auditlog_disabled
from auditlog.diff import is_primitive, model_instance_diff
from auditlog.registry import auditlog
from django.db import models

from .fields import EncryptedTextField
from .logs import HIDDEN
from .models import EMPTY, HistoryEntry

NOT_TRACKED = frozenset({"id", "created_at", "updated_at"})
ROWS_IN_STATEMENT = 1_000

# Model -> path to the id of the row on whose page its history is read.
_about: dict[type[models.Model], str] = {}
# Model -> fields that are told of in no entry but that of a deletion.
_kept: dict[type[models.Model], tuple[str, ...]] = {}


def hidden(_value: str) -> str:
    """What stands in the history for a value that lies encrypted."""
    return HIDDEN


def track(
    model: type[models.Model],
    *,
    about: str = "pk",
    leave_out: Collection[str] = (),
    hide: Collection[str] = (),
    keep: Collection[str] = (),
) -> None:
    """Keeps a history of ``model``.

    ``about`` is the attribute with the id of the row on whose page it is shown (``"member_id"`` of a
    note). Fields in ``leave_out`` are derived or of no interest; of those in ``hide``, and of all
    that lie encrypted, the history says only that they changed. Those in ``keep`` are left out too, but
    the entry about a deletion holds them, so that the row can be made again.
    """
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name not in NOT_TRACKED and field.name not in {*leave_out, *keep}
    ]
    secret = [field.name for field in fields if isinstance(field, EncryptedTextField) or field.name in hide]
    auditlog.register(
        model,
        include_fields=[field.name for field in fields],
        mask_fields=secret,
        mask_callable=f"{__name__}.{hidden.__name__}",
    )
    _about[model] = about
    _kept[model] = ("created_at", *keep)


def tracked_models() -> list[type[models.Model]]:
    """Every model of which a history is kept."""
    return list(_about)


def about_of(instance: models.Model) -> UUID | None:
    """Id of the row on whose page the history of ``instance`` is read."""
    found: UUID | None = getattr(instance, _about[type(instance)], None)
    return found


def pointer_of(model: type[models.Model]) -> type[models.Model] | None:
    """The model of the row on whose page the history of ``model`` is read; None when it is its own."""
    name = _about[model].removesuffix("_id")
    return None if name == "pk" else model._meta.get_field(name).related_model


def fields_told_of(model: type[models.Model]) -> frozenset[str]:
    """Names of the fields of which the history tells."""
    return frozenset(auditlog.get_model_fields(model)["include_fields"])


def kept_of(instance: models.Model) -> dict[str, list[Any]]:
    """What the entry about the deletion of ``instance`` holds besides, to make the row again."""
    values = {name: getattr(instance, name) for name in _kept[type(instance)]}
    # The encoder of the entries would cut a time's microseconds.
    return {
        name: [value.isoformat() if isinstance(value, datetime) else value, None]
        for name, value in values.items()
    }


@contextmanager
def not_recorded() -> Iterator[None]:
    """For doors that record many rows themselves, or erase: single saves in the block leave no entry."""
    token = auditlog_disabled.set(True)
    try:
        yield
    finally:
        auditlog_disabled.reset(token)


def record_created(instances: Iterable[models.Model], *, batch: UUID | None = None) -> None:
    """Entries of rows that were made in one statement. ``batch`` ties them to what made them."""
    _record(
        HistoryEntry.objects.entry(
            instance,
            action=HistoryEntry.Action.CREATE,
            changes={name: [None, value] for name, value in _told_of(instance).items()},
            batch=batch,
        )
        for instance in instances
    )


def record_changed(
    changes: Iterable[tuple[models.Model, Mapping[str, Any]]], *, batch: UUID | None = None
) -> None:
    """Entries of rows that were changed in one statement: each as it is now, with what its changed
    fields were before.
    """
    _record(
        HistoryEntry.objects.entry(
            instance, action=HistoryEntry.Action.UPDATE, changes=_differences(instance, before), batch=batch
        )
        for instance, before in changes
    )


# An import makes entries by the ten thousand; what follows gives what django-auditlog's comparison of two
# instances would, for the few fields that are asked for.


@cache
def _columns(model: type[models.Model]) -> dict[str, tuple[str, bool]]:
    """Name of each field that is told of -> its attribute, and whether it is told without its value."""
    known = auditlog.get_model_fields(model)
    return {
        name: (str(getattr(model._meta.get_field(name), "attname", name)), name in known["mask_fields"])
        for name in known["include_fields"]
    }


def _told(value: Any) -> Any:
    """``value`` in JSON's types, as django-auditlog stores it."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return str(value.astimezone(UTC).replace(tzinfo=None))
    return value if is_primitive(value) else str(value)


def _told_of(instance: models.Model) -> dict[str, Any]:
    return {
        name: HIDDEN if is_secret and getattr(instance, attribute) else _told(getattr(instance, attribute))
        for name, (attribute, is_secret) in _columns(type(instance)).items()
    }


def _differences(instance: models.Model, before: Mapping[str, Any]) -> dict[str, list[Any]]:
    columns = _columns(type(instance))
    found: dict[str, list[Any]] = {}
    for name, value in before.items():
        if name not in columns:
            continue
        attribute, is_secret = columns[name]
        pair = [_told(value.pk if isinstance(value, models.Model) else value)]
        pair.append(_told(getattr(instance, attribute)))
        if pair[0] != pair[1]:
            found[name] = [HIDDEN, HIDDEN] if is_secret else pair
    return found


def record_removed(instances: Iterable[models.Model], *, batch: UUID | None = None) -> None:
    """Entries of rows that were deleted in one statement."""
    _record(
        HistoryEntry.objects.entry(
            instance,
            action=HistoryEntry.Action.DELETE,
            changes=model_instance_diff(instance, None, use_json_for_changes=True),
            batch=batch,
        )
        for instance in instances
    )


def record_event(instance: models.Model, name: str, text: str, *, batch: UUID | None = None) -> None:
    """An entry of what happened to a row and is no change of a field: ``{name: [None, text]}``."""
    entry = HistoryEntry.objects.entry(
        instance, action=HistoryEntry.Action.UPDATE, changes={name: [None, text]}, batch=batch
    )
    _record([entry])


def wipe(entries: models.QuerySet[HistoryEntry]) -> None:
    """Leaves of the entries which fields changed, when and by whom, and nothing of what they held."""
    wiped = list(entries)
    for entry in wiped:
        entry.changes = {name: [_wiped(value) for value in pair] for name, pair in entry.changes.items()}
        entry.object_repr = HIDDEN
    HistoryEntry.objects.bulk_update(wiped, ["changes", "object_repr"], batch_size=ROWS_IN_STATEMENT)


def _wiped(value: Any) -> Any:
    return value if value in EMPTY or isinstance(value, bool) else HIDDEN


def _record(entries: Iterable[HistoryEntry | None]) -> None:
    said = [entry for entry in entries if entry is not None]
    HistoryEntry.objects.bulk_create(said, batch_size=ROWS_IN_STATEMENT)
