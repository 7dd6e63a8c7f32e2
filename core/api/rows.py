"""Reading a page of rows without making model instances.

DRF's serializer makes an instance and some dozen calls for each row, which halves the pages that a
process can serve. The serializer stays the one description of the output: the columns and the
names are taken from it, and a test compares the two ways byte by byte.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import F, QuerySet
from rest_framework import serializers

from .serializers import TimeField

# Fields whose column value is already what JSON shows (orjson writes UUIDs, dates and times).
PLAIN_FIELDS = (
    serializers.CharField,
    serializers.IntegerField,
    serializers.FloatField,
    serializers.BooleanField,
    serializers.UUIDField,
    serializers.DateField,
    serializers.ChoiceField,
    serializers.ListField,
    serializers.JSONField,
    serializers.DictField,
    serializers.PrimaryKeyRelatedField,
    TimeField,
)


class RowReader:
    """Turns a queryset into dictionaries that equal the serializer's output.

    Raises ImproperlyConfigured for a serializer with a field that is computed in Python.
    """

    def __init__(self, serializer_class: type[serializers.ModelSerializer[Any]]) -> None:
        self.plain: list[str] = []
        self.renamed: dict[str, F] = {}
        model_fields = {field.name: field for field in serializer_class.Meta.model._meta.concrete_fields}
        self.order: list[str] = []
        for name, field in serializer_class().fields.items():
            if field.write_only:
                continue
            if not isinstance(field, PLAIN_FIELDS) or field.source not in model_fields:
                raise ImproperlyConfigured(
                    f"{serializer_class.__name__}.{name} cannot be read as a column."
                )
            self.order.append(name)
            if field.source == name:
                self.plain.append(name)
            else:
                self.renamed[name] = F(field.source)

    def rows(self, queryset: QuerySet[Any]) -> QuerySet[Any, dict[str, Any]]:
        """The queryset, giving dictionaries with the serializer's names."""
        clashing = self.renamed.keys() & {f.name for f in queryset.model._meta.get_fields()}
        if not clashing:
            return queryset.values(*self.plain, **self.renamed)
        raise ImproperlyConfigured(f"Renamed fields hide columns: {sorted(clashing)}")
