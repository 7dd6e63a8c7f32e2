"""Reading a page of rows without making model instances.

DRF's serializer makes an instance and some dozen calls for each row, which halves the pages that a
process can serve. The serializer stays the one description of the output: the columns and the
names are taken from it, and a test compares the two ways.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import F, Func, QuerySet, Value
from django.db.models.functions import Cast
from rest_framework import serializers

from .serializers import TimeField

# Fields whose column value is already what JSON shows (orjson writes UUIDs and dates).
PLAIN_FIELDS = (
    serializers.CharField,
    serializers.IntegerField,
    serializers.FloatField,
    serializers.BooleanField,
    serializers.UUIDField,
    serializers.DateField,
    serializers.ChoiceField,
    serializers.ListField,
    serializers.PrimaryKeyRelatedField,
)
JSON_FIELDS = (serializers.JSONField, serializers.DictField)
# What TimeField shows; connections speak UTC.
TIME_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'


def time_as_text(source: Any) -> Func:
    """A time as TimeField shows it; PostgreSQL writes one faster than Python reads and writes it again.

    ``source`` is the name of a column or an expression.
    """
    time = F(source) if isinstance(source, str) else source
    return Func(time, Value(TIME_FORMAT), function="to_char", output_field=models.TextField())


class RowReader:
    """Turns a queryset into dictionaries that equal the serializer's output.

    Raises ImproperlyConfigured for a serializer with a field that is computed in Python.
    """

    def __init__(self, serializer_class: type[serializers.ModelSerializer[Any]]) -> None:
        model: type[models.Model] = serializer_class.Meta.model
        columns = {field.name for field in model._meta.concrete_fields}
        self.order: list[str] = []
        self.columns: dict[str, Any] = {}
        self.json: list[str] = []
        for name, field in serializer_class().fields.items():
            if field.write_only:
                continue
            source = str(field.source)
            if source not in columns:
                raise ImproperlyConfigured(f"{serializer_class.__name__}.{name} is no column.")
            self.order.append(name)
            if isinstance(field, TimeField):
                self.columns[name] = time_as_text(source)
            elif isinstance(field, JSON_FIELDS):
                self.columns[name] = Cast(source, models.TextField())
                self.json.append(name)
            elif isinstance(field, PLAIN_FIELDS):
                self.columns[name] = source
            else:
                raise ImproperlyConfigured(f"{serializer_class.__name__}.{name} cannot be read as a column.")

    def tuples(self, queryset: QuerySet[Any], *further: Any) -> QuerySet[Any, tuple[Any, ...]]:
        """The queryset, giving one tuple a row, with the expressions ``further`` behind the columns."""
        # Annotations must not be called like columns, so the names come afterwards.
        return queryset.values_list(*self.columns.values(), *further)

    def rows(self, tuples: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Dictionaries of what ``tuples`` gave, under the serializer's names."""
        rows = [dict(zip(self.order, values, strict=True)) for values in tuples]
        for name in self.json:
            for row in rows:
                if row[name] is not None:
                    row[name] = orjson.loads(row[name])
        return rows
