"""Own fields where the API shows, takes, finds and orders people.

Whoever asks is shown the fields that their role sees. A field that is hidden from it cannot be told
from one that does not exist: not by its value, not by writing to it, not by asking for it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError as DoorValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.response import Response

from core.api.filters import Ordering
from members.models import CustomField, Member
from tenants.context import current_church

from .querying import condition, ordering
from .values import PREFIX, Reading, normalized_custom_values
from .visibility import keys_of, shown_values, visible_keys, visible_to

QUERY = "custom."
COMPARISONS = ("from", "to", "any")
DESCRIPTION = (
    "Values of the church's own fields (`/api/custom-fields`) by their key: text, a number, a date, the key "
    "of a choice, a list of keys, true or false. Of PUT and PATCH alike: only the fields that are named "
    "change, and null or an empty text takes a value away. Fields that your role does not see are neither "
    "shown nor changed."
)


@extend_schema_field({"type": "object", "additionalProperties": {}})
class CustomValuesField(serializers.DictField):
    """The values of the fields in the serializer's context (``custom_fields``); without them none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "help_text": DESCRIPTION, **kwargs})

    def to_representation(self, value: Any) -> Any:
        return shown_values(value or {}, keys_of(self.context.get("custom_fields", ())))

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        fields = self.context.get("custom_fields", ()) if values else ()
        try:
            return normalized_custom_values(
                values, fields=fields, country=current_church().country, typed=True
            )
        except DoorValidationError as error:
            by_key = {name.removeprefix(PREFIX): texts for name, texts in error.message_dict.items()}
            raise ValidationError(by_key) from error


class ShowsCustomFields:
    """A view of people: its serializer knows the fields of whoever asks, and its rows hold no others."""

    request: Any

    def get_serializer_context(self) -> dict[str, Any]:
        context: dict[str, Any] = super().get_serializer_context()  # type: ignore[misc]  # a view's
        # The description is made without a request.
        fields = visible_to(self.request) if self.request else ()
        return {**context, "custom_fields": fields}

    def page_of(self, queryset: Any) -> Response:
        """One page in the form of every list. Where rows are looked through and not found by an index, the
        page's keys come first: PostgreSQL would write out every column of every row that it puts in order.
        """
        view: Any = self
        if not view.reads_rows or not self._looks_through():
            answer: Response = super().page_of(queryset)  # type: ignore[misc]  # a view's
            return answer
        keys = list(view.paginate_queryset(queryset.values_list("pk", flat=True)) or [])
        reader = view.row_reader()
        found = reader.rows(reader.tuples(Member.objects.order_by().filter(pk__in=keys)))
        rows = {row["id"]: row for row in found}
        page = [rows[key] for key in keys if key in rows]
        return view.get_paginated_response(self.shown_rows(page))

    def _looks_through(self) -> bool:
        query = self.request.query_params
        if getattr(self, "action", "") == "on_list" or "list" in query:
            return True
        return QUERY in query.get("ordering", "") or any(name.startswith(QUERY) for name in query)

    def shown_rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows that were read as columns, without the values of fields that are not shown."""
        if not any(row["custom_fields"] for row in rows):
            # Nothing to hide; most churches have no fields of their own, and so no question to ask.
            return rows
        return without_hidden_values(rows, visible_keys(self.request))


def without_hidden_values(rows: list[dict[str, Any]], keys: Collection[str]) -> list[dict[str, Any]]:
    for row in rows:
        row["custom_fields"] = shown_values(row["custom_fields"], keys)
    return rows


class CustomFieldFilters(BaseFilterBackend):
    """``?custom.shirt=XL``, ``custom.shirt.any=L,XL``, ``custom.height.from=1.8``, ``.to``; an empty
    text finds who has no value.
    """

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        asked = {name: text for name, text in request.query_params.items() if name.startswith(QUERY)}
        if not asked:
            return queryset
        known = {field.key: field for field in visible_to(request)}
        reading = Reading(current_church().country)
        for name, text in asked.items():
            field, comparison = _named(name.removeprefix(QUERY), known)
            if field is None:
                raise ValidationError({name[:200]: [_("There is no such field.")]})
            try:
                queryset = queryset.filter(condition(field, comparison, text, reading))
            except DoorValidationError as error:
                raise ValidationError({name[:200]: error.messages}) from error
        return queryset


def _named(name: str, known: dict[str, CustomField]) -> tuple[CustomField | None, str]:
    if name in known:
        return known[name], ""
    key, _point, comparison = name.rpartition(".")
    return (known.get(key), comparison) if comparison in COMPARISONS else (None, "")


class MemberOrdering(Ordering):
    """``ordering=custom.shirt,-last_name`` besides the view's own fields."""

    def get_valid_fields(self, queryset: Any, view: Any, context: Any = None) -> Any:
        valid = super().get_valid_fields(queryset, view, context or {})
        request = (context or {}).get("request")
        if request is None or QUERY not in request.query_params.get(self.ordering_param, ""):
            return valid
        return [*valid, *((f"{QUERY}{field.key}", field.label) for field in visible_to(request))]

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> Any:
        terms = super().get_ordering(request, queryset, view) or ()
        if not any(QUERY in term for term in terms):
            return terms
        known = {field.key: field for field in visible_to(request)}
        return [
            ordering(known[term.lstrip("-").removeprefix(QUERY)], descending=term.startswith("-"))
            if term.lstrip("-").startswith(QUERY)
            else term
            for term in terms
        ]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["description"] += " An own field is named `custom.` and its key."
        return parameters
