"""What the platform's pages have in common."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.views import ChangeList

from core.admin import DoorModelAdmin


def mark(text: Any, kind: str) -> SafeString:
    """``text`` as a coloured label; ``kind`` is ``good``, ``bad`` or ``plain``."""
    return format_html('<span class="mark mark-{}">{}</span>', kind, text)


def moment(value: Any) -> str:
    """A time as it is written where the reader is."""
    return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")


class CompletedList(ChangeList):
    """A list of which each page is completed at once, by its admin's ``complete``."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.model_admin.complete(self.result_list)


class PlatformModelAdmin(DoorModelAdmin):
    """Pages of superusers. ``complete`` adds to a page of rows what the rows themselves do not hold,
    in a number of queries that does not depend on how many they are.
    """

    def complete(self, rows: list[Any]) -> None:
        """Adds nothing, unless a subclass does."""

    def completed(self, row: models.Model, attribute: str) -> Any:
        """What ``complete`` put on the row; a row that is shown alone is completed now."""
        if not hasattr(row, attribute):
            self.complete([row])
        return getattr(row, attribute)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CompletedList


class ReadOnlyModelAdmin(PlatformModelAdmin):
    """Rows that can be looked at."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        # What nobody can change has no history of changes.
        return super().changeform_view(
            request, object_id, form_url, {"show_history": False, **(extra_context or {})}
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
