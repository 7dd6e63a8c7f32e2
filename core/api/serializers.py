"""Serializer base: times come out with their offset."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import models
from rest_framework import serializers


class TimeField(serializers.DateTimeField):
    """ISO 8601 with microseconds and offset, in UTC. A time without an offset is refused: it could mean two things."""

    default_error_messages = {"naive": "Give an offset, as in 2026-05-01T10:00:00+02:00."}

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


class ModelSerializer(serializers.ModelSerializer):
    """DRF's, with TimeField for times. Unknown fields in the input are refused by name."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: TimeField,
    }

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        field_class, kwargs = super().build_relational_field(field_name, relation_info)
        if "queryset" in kwargs:
            # Absent and of another church look the same: the text names no row.
            kwargs["error_messages"] = {"does_not_exist": "There is no such entry."}
        return field_class, kwargs
