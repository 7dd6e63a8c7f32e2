"""Numbered pages: ``{"count", "next", "previous", "results"}``."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """50 rows a page, at most 200. A page past the end is 404, anything but a number 400."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        for name in (self.page_query_param, self.page_size_query_param):
            value = request.query_params.get(name)
            if value is not None and not (value.isascii() and value.isdigit() and 0 < len(value) < 10 and int(value)):
                raise ValidationError({name: ["This must be a whole number of at least 1."]})
        return super().paginate_queryset(queryset, request, view=view)
