"""Serializer bases: JSON's types are taken at their word, and times come out with their offset."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core import fields

CANONICAL_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
CALENDAR_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_OF_MONTH = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))"
)


class TimeField(serializers.DateTimeField):
    """ISO 8601 with microseconds and offset, in UTC.

    A time without an offset is refused: it could mean two things.
    """

    default_error_messages = {"naive": _("Give an offset, as in 2026-05-01T10:00:00+02:00.")}

    def to_internal_value(self, value: Any) -> Any:
        try:
            parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            parsed = None
        if isinstance(parsed, datetime) and parsed.tzinfo is None:
            self.fail("naive")
        return super().to_internal_value(value)

    def to_representation(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return value.astimezone(UTC).isoformat(timespec="microseconds")


@extend_schema_field(
    {
        "type": "string",
        "maxLength": 10,
        "pattern": f"^((?!0000)[0-9]{{4}}-{_DAY_OF_MONTH}|--{_DAY_OF_MONTH})$",
    }
)
class PartialDateField(serializers.CharField):
    """A date whose year may be unknown: ``2001-07-04`` or ``--07-04``."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_integer(value: Any) -> bool:
    # For JSON 1 and 1.0 are the same number.
    return not isinstance(value, bool) and (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    )


# What DRF would convert into each kind of field, and what of that it should: the first that fits
# the field decides.
TYPES: list[tuple[tuple[type, ...], Callable[[Any], bool], Any]] = [
    (
        (serializers.UUIDField, serializers.PrimaryKeyRelatedField),
        lambda value: _is_text(value) and CANONICAL_UUID.fullmatch(value) is not None,
        _("This must be a UUID."),
    ),
    (
        (serializers.DateField,),
        lambda value: _is_text(value) and (not value or CALENDAR_DATE.fullmatch(value) is not None),
        _("Write a date as YYYY-MM-DD."),
    ),
    (
        (serializers.CharField, serializers.ChoiceField, serializers.DateTimeField),
        _is_text,
        _("This must be text."),
    ),
    (
        (serializers.BooleanField,),
        lambda value: isinstance(value, bool),
        _("This must be true or false."),
    ),
    ((serializers.IntegerField,), _is_integer, _("This must be a whole number.")),
    (
        (serializers.FloatField,),
        lambda value: isinstance(value, int | float) and not isinstance(value, bool),
        _("This must be a number."),
    ),
]


def type_error(field: Any, value: Any) -> Any:
    """What is wrong with the JSON type of ``value`` for ``field``; None when it is right.

    For lists and objects a dictionary by position or name.
    """
    if value is None:
        return None
    if isinstance(field, serializers.ListField | serializers.ManyRelatedField):
        child = field.child if isinstance(field, serializers.ListField) else field.child_relation
        # Anything but a list the field refuses by itself.
        items = enumerate(value) if isinstance(value, list) else ()
        return {position: [e] for position, item in items if (e := type_error(child, item))} or None
    if isinstance(field, serializers.DictField):
        members = value.items() if isinstance(value, dict) else ()
        return {name: [e] for name, item in members if (e := type_error(field.child, item))} or None
    for kinds, fits, message in TYPES:
        if isinstance(field, kinds):
            return None if fits(value) else message
    return None


class TypedInput:
    """Refuses JSON values of another type than the description says: no 5 for "5", no "yes" for true.

    Forms know text alone, so their values are converted as ever.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and not hasattr(data, "getlist"):
            errors = {
                name: error if isinstance(error, dict) else [error]
                for name, field in self.fields.items()  # type: ignore[attr-defined]  # a serializer's
                if not field.read_only and name in data and (error := type_error(field, data[name]))
            }
            if errors:
                raise serializers.ValidationError(errors)
        return super().to_internal_value(data)  # type: ignore[misc]  # a serializer's


class Serializer(TypedInput, serializers.Serializer[Any]):
    """Base of serializers without a model."""


class ModelSerializer(TypedInput, serializers.ModelSerializer):
    """Base of serializers of a model. Fields of the input that nobody knows are ignored."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: TimeField,
        fields.PartialDateField: PartialDateField,
    }

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        field_class, kwargs = super().build_relational_field(field_name, relation_info)
        if "queryset" in kwargs:
            # Absent and of another church look the same: the text names no row.
            kwargs["error_messages"] = {"does_not_exist": _("There is no such entry.")}
        return field_class, kwargs
