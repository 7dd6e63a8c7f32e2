"""Filters and ordering, strict about what they are given: a value that means nothing is 400."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError as FormValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter

from .serializers import CALENDAR_DATE, CANONICAL_UUID


class Ordering(OrderingFilter):
    """``ordering=last_name,-created_at``; a field that the view does not offer is 400.

    The key is always the last criterion, so that pages never overlap.
    """

    def remove_invalid_fields(self, queryset: Any, fields: Any, view: Any, request: Any) -> list[str]:
        allowed = {name for name, label in self.get_valid_fields(queryset, view, {"request": request})}
        unknown = [field for field in fields if field.removeprefix("-") not in allowed]
        if unknown:
            text = _("Cannot order by “%(value)s”. Possible: %(offered)s.")
            values = {"value": unknown[0], "offered": ", ".join(sorted(allowed))}
            raise ValidationError({"ordering": [text % values]})
        return list(fields)

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> QuerySet[Any]:
        ordered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        order = list(ordered.query.order_by or ordered.model._meta.ordering or [])
        if "id" in order or "-id" in order:
            return ordered
        return ordered.order_by(*order, "id")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """For the API's description: what may be ordered by, as a pattern."""
        if not view.ordering_fields:
            return []
        one = f"-?({'|'.join(map(re.escape, view.ordering_fields))})"
        return [
            {
                "name": self.ordering_param,
                "required": False,
                "in": "query",
                "description": "Fields to order by, separated by commas; with - from the last to the first.",
                "schema": {"type": "string", "pattern": f"^({one}(,{one})*)?$"},
            }
        ]


# A field's value is None where the query does not name it, and "" where it names it without value.
class _ExactBooleanField(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        known = {None: None, "true": True, "false": False}
        if value not in known:
            raise FormValidationError(_("This must be true or false."))
        return known[value]


class _ExactDateField(forms.DateField):
    def to_python(self, value: Any) -> Any:
        if value is not None and not CALENDAR_DATE.fullmatch(str(value)):
            raise FormValidationError(_("Write a date as YYYY-MM-DD."))
        return super().to_python(value)


class _ExactTimeField(forms.Field):
    def to_python(self, value: Any) -> datetime | None:
        if value is None:
            return None
        try:
            parsed = datetime.fromisoformat(str(value))
            if parsed.tzinfo is None:
                raise FormValidationError(_("Give an offset, as in 2026-05-01T10:00:00+02:00."))
            # In UTC, because PostgreSQL takes no offset of 16 hours or more.
            return parsed.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise FormValidationError(_("Write a time as 2026-05-01T10:00:00+02:00.")) from error


class _ExactUUIDField(forms.Field):
    def to_python(self, value: Any) -> UUID | None:
        if value is None:
            return None
        if not CANONICAL_UUID.fullmatch(str(value)):
            raise FormValidationError(_("This must be a UUID."))
        return UUID(str(value))


class BooleanFilter(filters.BooleanFilter):
    """``true`` or ``false``. django-filter's own ignores what it cannot read."""

    field_class = _ExactBooleanField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": forms.TextInput, **kwargs})


class DateFilter(filters.DateFilter):
    """``YYYY-MM-DD``."""

    field_class = _ExactDateField


class TimeFilter(filters.IsoDateTimeFilter):
    """ISO 8601 with offset: a time without one could mean two things."""

    field_class = _ExactTimeField


class UUIDFilter(filters.UUIDFilter):
    """A UUID in its usual form, with hyphens."""

    field_class = _ExactUUIDField


class FilterSet(filters.FilterSet):
    """Base of the views' filters, with the strict kinds for fields that are only named."""

    FILTER_DEFAULTS = {
        **filters.FilterSet.FILTER_DEFAULTS,
        models.BooleanField: {"filter_class": BooleanFilter},
        models.DateField: {"filter_class": DateFilter},
        models.DateTimeField: {"filter_class": TimeFilter},
    }


class Filters(DjangoFilterBackend):
    """``FilterSet`` filters; a value that cannot be read is 400 with the field's name."""

    raise_exception = True
    filterset_base = FilterSet

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        # Making the filters and their form costs more than reading a page; most pages use none.
        filterset_class = self.get_filterset_class(view, queryset)
        if filterset_class is None or filterset_class.base_filters.keys().isdisjoint(request.query_params):
            return queryset
        return super().filter_queryset(request, queryset, view)
