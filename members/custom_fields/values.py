"""What people's own fields hold: from what is given to what is stored, and how two states combine.

Values lie in ``Member.custom_fields`` under the fields' keys: text and dates (``YYYY-MM-DD``) as
text, numbers and yes or no as JSON has them, one of several choices as its key, several as a list of
keys in the order of the choices.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.api.serializers import CALENDAR_DATE
from core.fields import validate_partial_date
from members.importing.dates import read_date
from members.models import CustomField

PREFIX = "custom_fields."
LONGEST_TEXT = 2_000
# Whole numbers of 64 bits: what JSON readers everywhere keep exactly enough (see core.api.parsers).
LARGEST_NUMBER = 2**63
NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:(?P<mark>[.,])(?P<decimals>[0-9]{1,15}))?")
SEPARATORS = re.compile(r"[;,|\n]")
YES = {"yes", "true", "1", "sí", "si", "y"}
NO = {"no", "false", "0", "n"}


@dataclass(frozen=True)
class Reading:
    """How a value is given: ``typed`` in JSON's types, each in the one form in which it is stored;
    otherwise as people write it too. Days and months in either order are told apart by ``country``.
    """

    country: str
    typed: bool = False


def normalized_custom_values(
    values: Mapping[str, Any], *, fields: Iterable[CustomField], country: str, typed: bool = False
) -> dict[str, Any]:
    """``{key: value}`` of the named fields as they are stored, None for a value that is taken away.

    ``fields`` are those that may be named; an archived one counts as unknown. Raises ValidationError
    by field (``custom_fields.shirt``).
    """
    known = {field.key: field for field in fields if field.archived_at is None}
    reading = Reading(country, typed)
    clean: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for key, value in values.items():
        try:
            if key not in known:
                raise ValidationError(_("There is no such field."))
            clean[key] = stored_value(known[key], value, reading)
        except ValidationError as error:
            errors[f"{PREFIX}{key}"] = error.messages
    if errors:
        raise ValidationError(errors)
    return clean


def stored_value(field: CustomField, value: Any, reading: Reading) -> Any:
    """``value`` in the form in which ``field`` stores it; None for nothing. Raises ValidationError."""
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return None
    return _READERS[field.kind](field, value, reading)


def merged(known: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """``known`` values with those of ``named`` put in their place; None takes one away."""
    return {key: value for key, value in {**known, **named}.items() if value is not None}


def _text(field: CustomField, value: Any, reading: Reading) -> str:
    plain = isinstance(value, int | float) and not isinstance(value, bool) and not reading.typed
    if not isinstance(value, str) and not plain:
        raise ValidationError(_("This must be text."))
    lines = unicodedata.normalize("NFC", str(value)).splitlines()
    text = "\n".join(line.strip() for line in lines).strip()
    if len(text) > LONGEST_TEXT:
        raise ValidationError(_("At most %(most)d characters.") % {"most": LONGEST_TEXT})
    if "\x00" in text:
        raise ValidationError(_("NUL characters are not allowed."))
    return text


def _number(field: CustomField, value: Any, reading: Reading) -> int | float:
    if isinstance(value, str) and not reading.typed:
        value = _read_number("".join(value.split()))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValidationError(_("This must be a number."))
    if not math.isfinite(value) or abs(value) >= LARGEST_NUMBER:
        raise ValidationError(_("This number is too large."))
    return int(value) if value == int(value) else value


def _read_number(text: str) -> int | float:
    match = NUMBER.fullmatch(text)
    if match is None:
        raise ValidationError(_("“%(text)s” is no number.") % {"text": text[:40]})
    if match["mark"] == "," and len(match["decimals"]) == 3:
        raise ValidationError(
            _("“%(text)s” can be read in two ways. Write it without separators, with a point.")
            % {"text": text[:40]}
        )
    return float(text.replace(",", ".")) if match["mark"] else int(text)


def _date(field: CustomField, value: Any, reading: Reading) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str) or (reading.typed and not CALENDAR_DATE.fullmatch(value)):
        raise ValidationError(_("Write a date as YYYY-MM-DD."))
    if reading.typed:
        validate_partial_date(value)
        return value
    found = read_date(value.strip(), reading.country)
    if found.startswith("--"):
        raise ValidationError(_("“%(text)s”: the year is missing.") % {"text": value[:40]})
    return found or None


def _choice(field: CustomField, value: Any, reading: Reading) -> str:
    if not isinstance(value, str):
        raise ValidationError(_("This must be text."))
    key = choice_named(field, value, by_label=not reading.typed)
    if key is None:
        offered = ", ".join(str(choice["label"]) for choice in offered_choices(field))
        text = _("“%(value)s” is not one of the choices: %(offered)s.")
        raise ValidationError(text % {"value": value[:40], "offered": offered[:300]})
    return key


def _choices(field: CustomField, value: Any, reading: Reading) -> list[str] | None:
    if isinstance(value, str) and not reading.typed:
        whole = choice_named(field, value, by_label=True)
        value = [whole] if whole else [part for part in SEPARATORS.split(value) if part.strip()]
    if not isinstance(value, list):
        raise ValidationError(_("This must be a list."))
    named = {_choice(field, each, reading) for each in value}
    return [choice["key"] for choice in field.choices if choice["key"] in named] or None


def _yes_no(field: CustomField, value: Any, reading: Reading) -> bool:
    if isinstance(value, bool):
        return value
    word = " ".join(str(value).split()).casefold()
    if not reading.typed and word in YES | {_("Yes").casefold()}:
        return True
    if not reading.typed and word in NO | {_("No").casefold()}:
        return False
    raise ValidationError(_("This must be true or false.") if reading.typed else _("Write yes or no."))


_READERS: dict[str, Callable[[CustomField, Any, Reading], Any]] = {
    CustomField.Kind.TEXT: _text,
    CustomField.Kind.NUMBER: _number,
    CustomField.Kind.DATE: _date,
    CustomField.Kind.CHOICE: _choice,
    CustomField.Kind.CHOICES: _choices,
    CustomField.Kind.YES_NO: _yes_no,
}


def offered_choices(field: CustomField) -> list[dict[str, Any]]:
    """The choices that a form offers. One that was put away keeps its values and is not among them."""
    return [choice for choice in field.choices if not choice.get("archived")]


def choice_named(field: CustomField, text: str, *, by_label: bool) -> str | None:
    """The key of the choice that ``text`` names, as its key or, in any case, as its label; or None."""
    if any(choice["key"] == text for choice in field.choices):
        return text
    if by_label:
        wanted = " ".join(text.split()).casefold()
        for choice in sorted(field.choices, key=lambda choice: bool(choice.get("archived"))):
            if wanted in {str(choice["label"]).casefold(), str(choice["key"]).casefold()}:
                return str(choice["key"])
    return None


def label_of_choice(field: CustomField, key: Any) -> str:
    return next((str(choice["label"]) for choice in field.choices if choice["key"] == key), str(key))


def plain_text(field: CustomField, value: Any) -> str:
    """A stored value as one text that this module reads again, for files and for another kind.

    Choices by their labels; whatever does not fit the kind is written as it is.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(label_of_choice(field, each) for each in value)
    return label_of_choice(field, value) if field.kind == CustomField.Kind.CHOICE else str(value)
