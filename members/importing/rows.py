"""From the cells of a row to what it states about a person."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.custom_fields.values import merged
from members.domain import normalized_tags, normalized_values
from members.models import CustomField

from .cells import read_list, without_escape
from .columns import CUSTOM
from .countries import country_code
from .dates import read_date

ADDRESSES = ("address", "mailing_address")
# What our own export calls a person by; never a value of theirs.
OWN_ID = "churchsaas_id"
DATES = ("birth_date", "baptized_date")

Texts = dict[str, str]
Errors = list[dict[str, str]]


@dataclass
class Statement:
    """What one row says: ``values`` of fields as they are stored, or the row's ``errors``.

    ``values`` holds only what is stated: ``address`` and ``custom_fields`` just the parts that the
    row has, ``tags`` just those that it names.
    """

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    errors: Errors = field(default_factory=list)
    fingerprint: str = ""
    own_id: str = ""


def texts_of(cells: Sequence[str], columns: Sequence[tuple[int, Sequence[str]]]) -> Texts:
    """Field -> text of the cells that are not blank. ``columns`` are (position, fields)."""
    texts: Texts = {}
    for position, fields in columns:
        cell = without_escape(cells[position]) if position < len(cells) else ""
        lines = [line for part in cell.splitlines() if (line := " ".join(part.split()))]
        for name in fields if lines else ():
            # A church's own fields may hold several lines; nothing else does.
            texts[name] = ("\n" if name.startswith(CUSTOM) else " ").join(lines)
    return texts


def digest_of(texts: Texts) -> str:
    """A digest by which a row is known again that names neither email, birthday, household nor key."""
    stated = "\x1e".join(f"{name}\x1f{texts[name]}" for name in sorted(texts) if name != OWN_ID)
    return hashlib.sha256(stated.encode()).hexdigest()


def fingerprint_of(digest: str, ordinal: int) -> str:
    """``digest`` with the row's place among the rows of the file that say the same, from 0."""
    return hashlib.sha256(f"{digest} {ordinal}".encode()).hexdigest() if ordinal else digest


def statement_of(
    row: int, texts: Texts, *, country: str, own_fields: Collection[CustomField] = ()
) -> Statement:
    """What a row with ``texts`` states. ``country`` is the church's; the row may name its own.
    ``own_fields`` are the church's definitions.
    """
    statement = Statement(row, own_id=texts.get(OWN_ID, "").lower())
    values: dict[str, Any] = {}
    kinds = {own.key: own.kind for own in own_fields}
    for name, text in texts.items():
        try:
            _read(name, text, values, country, kinds)
        except ValidationError as error:
            statement.errors += errors_of(error, name)
    phone_country = country_code(texts.get("address.country", "")) or country
    try:
        statement.values = normalized_values(values, country=phone_country, fields=own_fields)
    except ValidationError as error:
        statement.errors += errors_of(error)
    if own_values := statement.values.get("custom_fields"):
        statement.values["custom_fields"] = merged({}, own_values)
    return statement


def _read(name: str, text: str, values: dict[str, Any], country: str, kinds: Mapping[str, str]) -> None:
    kind, _dot, part = name.partition(".")
    if name == OWN_ID:
        return
    if kind in ADDRESSES:
        values.setdefault(kind, {})[part] = text
    elif name.startswith(CUSTOM):
        values.setdefault("custom_fields", {})[part] = _read_custom(text, country, kinds.get(part))
    elif name == "tags":
        values["tags"] = read_list(text)
    elif name in DATES:
        date = read_date(text, country)
        if date.startswith("--") and name == "baptized_date":
            raise ValidationError(_("“%(text)s”: the year is missing.") % {"text": text[:40]})
        if date:
            values[name] = date
    else:
        values[name] = text


def _read_custom(text: str, country: str, kind: str | None) -> Any:
    if kind == CustomField.Kind.DATE:
        # Days and months are told apart by the church's country, not by that of the row's address.
        return read_date(text, country)
    return read_list(text) if kind == CustomField.Kind.CHOICES else text


def errors_of(error: ValidationError, field_name: str = "") -> Errors:
    """The error as ``[{"field", "message"}]``."""
    if hasattr(error, "error_dict"):
        return [
            {"field": name, "message": message}
            for name, messages in error.message_dict.items()
            for message in messages
        ]
    return [{"field": field_name, "message": message} for message in error.messages]


def changes(current: Callable[[str], Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """What ``stated`` changes, field -> new value, where ``current(field)`` gives what is known.

    Parts of an address and custom fields that are not stated stay; tags are added, never taken
    away; a birthday without a year does not displace the same day with one; an email address in
    other capitals is the same. Raises ValidationError when the tags become too many.
    """
    changed: dict[str, Any] = {}
    for name, value in stated.items():
        known = current(name)
        new = _combined(name, known, value) if known else value
        if new != known:
            changed[name] = new
    return changed


def _combined(name: str, known: Any, value: Any) -> Any:
    match name:
        case "address" | "mailing_address" | "custom_fields":
            return {**known, **value}
        case "tags":
            return normalized_tags([*known, *value])
        case "birth_date" if value.startswith("--") and known.endswith(value[1:]):
            return known
        case "email" if value.lower() == known.lower():
            return known
    return value
