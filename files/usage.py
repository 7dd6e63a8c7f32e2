"""How much room a church's files take, and where each of them is used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Sum
from django.urls import NoReverseMatch, reverse

from core.fields import EncryptedTextField
from tenants.context import current_church

from .models import StoredFile


def quota() -> int:
    """Bytes that the entered church may store, by its plan."""
    quotas: dict[str, int] = settings.FILE_QUOTAS
    return quotas.get(current_church().plan_type, min(quotas.values()))


def used() -> int:
    """Bytes that the entered church's files take."""
    total: int = StoredFile.objects.aggregate(total=Sum("size", default=0))["total"]
    return total


@dataclass(frozen=True)
class Use:
    """One place where a file is used: what it is called, and the address of its page ("" for none)."""

    label: str
    url: str


def relations() -> list[Any]:
    """Every foreign key to a file, in whichever room it stands."""
    fields = StoredFile._meta.get_fields(include_hidden=True)
    return [
        relation.field  # type: ignore[union-attr]  # a relation from elsewhere has one
        for relation in fields
        if relation.auto_created and not relation.concrete
    ]


def uses_of(files: Iterable[StoredFile]) -> dict[UUID, list[Use]]:
    """Where each of ``files`` is used, by its id. One query for each foreign key to a file."""
    ids = [file.pk for file in files]
    found: dict[UUID, list[Use]] = defaultdict(list)
    for field in relations():
        secret = [
            column.name
            for column in field.model._meta.concrete_fields
            if isinstance(column, EncryptedTextField)
        ]
        rows = field.model._default_manager.filter(**{f"{field.attname}__in": ids}).defer(*secret)
        for row in rows:
            found[getattr(row, field.attname)].append(Use(str(row), _page_of(row)))
    return found


def _page_of(row: Any) -> str:
    meta = row._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""
