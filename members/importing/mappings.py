"""The doors through which a church keeps how it reads files with certain columns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from members.models import ImportMapping

from .known_headers import folded_column


def signature_of(header: Sequence[str]) -> str:
    """A digest of the columns' names: the same for the next file of the same program."""
    return hashlib.sha256("\x1f".join(map(folded_column, header)).encode()).hexdigest()


def kept_mapping(header: Sequence[str]) -> ImportMapping | None:
    """How the church read the last file with these columns."""
    return ImportMapping.objects.filter(signature=signature_of(header)).first()


@transaction.atomic
def keep_mapping(
    *, header: Sequence[str], mapping: Mapping[str, Any], external_key: str = ""
) -> ImportMapping:
    """Keeps ``mapping`` (name of a column -> field, or None to ignore it) for files with this header."""
    signature = signature_of(header)
    kept = ImportMapping.objects.select_for_update().filter(signature=signature).first()
    if kept is None:
        kept = ImportMapping(signature=signature, header=list(header))
    elif (kept.mapping, kept.external_key) == (dict(mapping), external_key):
        return kept
    kept.mapping, kept.external_key = dict(mapping), external_key[:255]
    kept.save()
    return kept
