"""Values of a church's own fields, from the texts of a list and back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from members.models import CustomField

from .cells import read_list, written_list
from .dates import read_date
from .known_headers import folded_column

LONGEST_LABEL = 100
LONGEST_KEY = 60
Kind = CustomField.Kind
YES = {"yes", "y", "true", "1", "x", "si", "ja", "oui", "on"}
NO = {"no", "n", "false", "0", "nein", "non", "off"}


@dataclass(frozen=True)
class OwnField:
    """One field of the church, as an import or export needs to know it."""

    key: str
    label: str
    kind: str
    choices: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, custom_field: CustomField) -> OwnField:
        choices = {str(c["key"]): str(c.get("label") or c["key"]) for c in custom_field.choices or ()}
        return cls(custom_field.key, custom_field.label, custom_field.kind, choices)


def own_fields() -> dict[str, OwnField]:
    """The church's fields that are in use, by key."""
    in_use = CustomField.objects.filter(archived_at=None)
    return {own_field.key: OwnField.of(own_field) for own_field in in_use}


def keys_by_name(fields: Collection[OwnField]) -> dict[str, str]:
    """Folded name of a column -> key of the field that is called so, or has that key."""
    found = {folded_column(one.key): one.key for one in fields}
    found |= {folded_column(one.label): one.key for one in fields}
    found.pop("", None)
    return found


def read_own_value(own_field: OwnField, text: str, country: str) -> Any:
    """The value that ``text`` means for the field. Raises ValidationError."""
    match own_field.kind:
        case Kind.NUMBER:
            return _number(text)
        case Kind.DATE:
            return read_date(text, country)
        case Kind.YES_NO:
            return _yes_or_no(text)
        case Kind.CHOICE:
            return _choice(own_field, text)
        case Kind.CHOICES:
            return [_choice(own_field, item) for item in read_list(text)]
    return text


def _number(text: str) -> int | float:
    try:
        number = Decimal(text.replace(" ", ""))
    except InvalidOperation as error:
        raise ValidationError(_("“%(text)s” is no number.") % {"text": text[:40]}) from error
    if not number.is_finite() or abs(number) >= 2**63:
        raise ValidationError(_("“%(text)s” is no number.") % {"text": text[:40]})
    return int(number) if number == number.to_integral_value() else float(number)


def _yes_or_no(text: str) -> bool:
    word = folded_column(text)
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValidationError(_("“%(text)s”: write yes or no.") % {"text": text[:40]})


def _choice(own_field: OwnField, text: str) -> str:
    wanted = folded_column(text)
    for key, label in own_field.choices.items():
        if text in (key, label):
            return key
    for key, label in own_field.choices.items():
        if wanted and wanted in (folded_column(key), folded_column(label)):
            return key
    raise ValidationError(_("“%(text)s” is none of the choices.") % {"text": text[:40]})


def written_own_value(own_field: OwnField, value: Any) -> str | int | float:
    """``value`` as it stands in a list, so that ``read_own_value`` gives it back."""
    if value is None or value == "":
        return ""
    match own_field.kind:
        case Kind.YES_NO if isinstance(value, bool):
            return "Yes" if value else "No"
        case Kind.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        case Kind.CHOICE:
            return _written_choice(own_field, value)
        case Kind.CHOICES if isinstance(value, list):
            return written_list(_written_choice(own_field, item) for item in value)
    return str(value)


def _written_choice(own_field: OwnField, key: Any) -> str:
    return own_field.choices.get(str(key), str(key))


@transaction.atomic
def new_own_field(*, label: str) -> CustomField:
    """A new field of text called ``label``, or the one that is called so already."""
    label = " ".join(label.split())[:LONGEST_LABEL]
    existing = CustomField.objects.filter(label__iexact=label, archived_at=None).first()
    if existing is not None:
        return existing
    if CustomField.objects.filter(label__iexact=label).exists():
        raise ValidationError({"mapping": _("An archived field is called “%(name)s”.") % {"name": label}})
    wanted = slugify(label).replace("-", "_")[:LONGEST_KEY] or "field"
    taken = set(CustomField.objects.values_list("key", flat=True))
    numbered = (f"{wanted[: LONGEST_KEY - 6]}_{number}" for number in count(2))
    key = wanted if wanted not in taken else next(name for name in numbered if name not in taken)
    return CustomField.objects.create(
        key=key, label=label, kind=Kind.TEXT, order_index=CustomField.objects.count()
    )
