"""Encrypting stored values anew, so that an old key can be taken out of FIELD_ENCRYPTION_KEYS."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from .encryption import UndecipherableError, is_current, rotate
from .fields import EncryptedTextField

ROWS_AT_ONCE = 500


@dataclass
class Rotation:
    """What a run did: values encrypted anew, and where those stand that no key decrypts."""

    rotated: int = 0
    undecipherable: list[str] = field(default_factory=list)


def rotate_stored_values(app_labels: Collection[str]) -> Rotation:
    """Encrypts with the first key what lies encrypted with another, in the tables of these apps.

    Works in the schema that was entered, in batches of a transaction each: it can be stopped and
    called again, and finds what is left by looking at the values. A value that no key decrypts
    stays as it is.
    """
    result = Rotation()
    for model, names in _encrypted_columns(app_labels):
        for batch in _batches(model, names):
            _rotate_batch(model, names, batch, result)
    return result


def _encrypted_columns(app_labels: Collection[str]) -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models():
        if model._meta.app_label not in app_labels or model._meta.proxy or not model._meta.managed:
            continue
        names = [f.name for f in model._meta.local_concrete_fields if isinstance(f, EncryptedTextField)]
        if names:
            yield model, names


def _batches(model: type[models.Model], names: list[str]) -> Iterator[list[Any]]:
    """Primary keys of all rows that have a value, in their order."""
    with_value = models.Q(*((f"{name}__isnull", False) for name in names), _connector=models.Q.OR)
    rows = model._base_manager.filter(with_value).order_by("pk")
    remaining = rows
    while keys := list(remaining.values_list("pk", flat=True)[:ROWS_AT_ONCE]):
        yield keys
        remaining = rows.filter(pk__gt=keys[-1])


@transaction.atomic
def _rotate_batch(model: type[models.Model], names: list[str], keys: list[Any], result: Rotation) -> None:
    # Cast, or the field would decrypt what is read and encrypt what is written.
    stored = [Cast(name, models.TextField()) for name in names]
    rows = model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk")
    for key, *tokens in rows.values_list("pk", *stored):
        changed: dict[str, Any] = {}
        for name, token in zip(names, tokens, strict=True):
            if token is None or is_current(token):
                continue
            try:
                changed[name] = Cast(models.Value(rotate(token)), models.TextField())
            except UndecipherableError:
                result.undecipherable.append(f"{model._meta.db_table}.{name} of {key}")
        if changed:
            model._base_manager.filter(pk=key).update(**changed)
            result.rotated += len(changed)
