"""Ordering, strict about what it is given."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter


class Ordering(OrderingFilter):
    """``ordering=last_name,-created_at``; a field that the view does not offer is 400.

    The key is always the last criterion, so that pages never overlap.
    """

    def remove_invalid_fields(self, queryset: Any, fields: Any, view: Any, request: Any) -> list[str]:
        allowed = {name for name, label in self.get_valid_fields(queryset, view, {"request": request})}
        unknown = [field for field in fields if field.removeprefix("-") not in allowed]
        if unknown:
            offered = ", ".join(sorted(allowed))
            raise ValidationError({"ordering": [f"Cannot order by {unknown[0]!r}. Possible: {offered}."]})
        return list(fields)

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> QuerySet[Any]:
        ordered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        order = list(ordered.query.order_by or ordered.model._meta.ordering or [])
        if "id" in order or "-id" in order:
            return ordered
        return ordered.order_by(*order, "id")


class Filters(DjangoFilterBackend):
    """``FilterSet`` filters; a value that cannot be read is 400 with the field's name."""

    raise_exception = True

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        # Making the filters and their form costs more than reading a page; most pages use none.
        filterset_class = self.get_filterset_class(view, queryset)
        if filterset_class is None or filterset_class.base_filters.keys().isdisjoint(request.query_params):
            return queryset
        return super().filter_queryset(request, queryset, view)
