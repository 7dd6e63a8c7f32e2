"""Finding and ordering people by their own fields.

Values are compared as JSON: PostgreSQL orders numbers by size and texts by their letters, and no value,
wherever it came from, makes a comparison fail as a cast would.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Func, JSONField, Q, TextField, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from members.models import CustomField

from .values import Reading, stored_value

CHOICE = CustomField.Kind.CHOICE
CHOICES = CustomField.Kind.CHOICES
RANGES = {CustomField.Kind.NUMBER, CustomField.Kind.DATE}


# jsonb_extract_path and not KeyTransform, which takes a key of digits for a place in a list.
def json_value(key: str) -> Func:
    """The value under ``key`` as JSON; NULL where there is none."""
    return Func(
        F("custom_fields"), Value(key), function="jsonb_extract_path", output_field=JSONField(null=True)
    )


def text_value(key: str) -> Func:
    """The value under ``key`` as text; NULL where there is none."""
    return Func(
        F("custom_fields"), Value(key), function="jsonb_extract_path_text", output_field=TextField(null=True)
    )


def _compares(key: str, comparison: str, stored: Any) -> Func:
    """Whether the value under ``key`` compares so with ``stored``; never where it is of another kind.

    By a path and not by the value: PostgreSQL takes two such conditions for a third of the people each,
    which is near enough for it to go through them in their order and stop when a page is full.
    """
    # A name in a path is quoted and escaped as JSON does it.
    path = f"$.{json.dumps(key)} ? (@ {comparison} $limit)"
    limit = Value({"limit": stored}, JSONField())
    return Func(
        F("custom_fields"), Value(path), limit, function="jsonb_path_exists", output_field=BooleanField()
    )


def has_value(field: CustomField) -> Q:
    return Q(custom_fields__has_key=field.key)


def is_value(field: CustomField, stored: Any) -> Q:
    """Who has just this value; of several choices, who has this one among them. Uses the index."""
    return Q(custom_fields__contains={field.key: [stored] if field.kind == CHOICES else stored})


def at_least(field: CustomField, stored: Any) -> Q:
    """Who has this number or day, or a greater one."""
    return Q(_compares(field.key, ">=", stored))


def at_most(field: CustomField, stored: Any) -> Q:
    """Who has this number or day, or a smaller one."""
    return Q(_compares(field.key, "<=", stored))


def is_any(field: CustomField, stored: Iterable[Any]) -> Q:
    """Who has one of these values."""
    found = Q(pk__in=[])
    for value in stored:
        found |= is_value(field, value)
    return found


def ordering(field: CustomField, *, descending: bool) -> OrderBy:
    """The order by a field's values, of choices by their place; who has none comes last."""
    if field.kind == CHOICE:
        keys = [str(choice["key"]) for choice in field.choices]
        places = Value(keys, output_field=ArrayField(TextField()))
        by: Any = Func(places, text_value(field.key), function="array_position")
    elif field.kind == CustomField.Kind.TEXT:
        by = Lower(text_value(field.key))
    else:
        by = json_value(field.key)
    return OrderBy(by, descending=descending, nulls_last=True)


def condition(field: CustomField, comparison: str, text: str, reading: Reading) -> Q:
    """What a query of an address asks of a field: ``comparison`` is ``""`` (is; an empty text: has
    none), ``from``, ``to`` or ``any`` (one of the choices, parted by commas).

    Raises ValidationError for a text that cannot be read and a comparison that the kind has not.
    """
    if comparison == "any" and field.kind in {CHOICE, CHOICES}:
        return is_any(field, [_read(field, part, reading) for part in text.split(",") if part.strip()])
    if comparison == "from" and field.kind in RANGES:
        return at_least(field, _read(field, text, reading))
    if comparison == "to" and field.kind in RANGES:
        return at_most(field, _read(field, text, reading))
    if comparison:
        raise ValidationError(_("This kind of field cannot be compared so."))
    return is_value(field, _read(field, text, reading)) if text.strip() else ~has_value(field)


def _read(field: CustomField, text: str, reading: Reading) -> Any:
    value = stored_value(field, text, reading)
    if value is None:
        raise ValidationError(_("Give a value."))
    # One of several choices at a time.
    return value[0] if isinstance(value, list) else value
