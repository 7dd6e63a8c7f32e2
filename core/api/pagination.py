"""Numbered pages: ``{"count", "next", "previous", "results"}``."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination

from .fixed_lists import FixedRows

# Beyond it lie no rows; page times size stays a number that PostgreSQL takes.
MOST = 999_999_999
NUMBER = re.compile(r"[1-9][0-9]{0,8}")


class Pages(PageNumberPagination):
    """50 rows a page, at most 200. A page past the end is 404, anything but a number 400."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        for name in (self.page_query_param, self.page_size_query_param):
            value = request.query_params.get(name)
            if value is not None and not NUMBER.fullmatch(value):
                raise ValidationError({name: [_("This must be a whole number from 1 to %d.") % MOST]})
        if isinstance(queryset, FixedRows):
            size = self.get_page_size(request) or self.page_size
            start = (int(request.query_params.get(self.page_query_param, 1)) - 1) * size
            queryset.expect(start, start + size)
        return super().paginate_queryset(queryset, request, view=view)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """For the API's description: both are whole numbers of at least 1."""
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"] |= {"minimum": 1, "maximum": MOST}
        return parameters
