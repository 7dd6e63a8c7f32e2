"""How a visit looks on a page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from visits.models import Visit

MARKS = {"scheduled": "new", "completed": "good", "cancelled": "bad", "rescheduled": "plain"}


def visit_address(visit: Visit) -> str:
    """The page of a visit."""
    return reverse("admin:visits_visit_change", args=[visit.pk])


def calendar_address(**chosen: Any) -> str:
    """The calendar, with ``view``, ``day`` and ``pastor``."""
    query = "&".join(f"{name}={value}" for name, value in chosen.items() if value)
    return f"{reverse('admin:visits_calendar')}?{query}"


def when_text(visit: Visit) -> str:
    """Day and time by the church's clock."""
    local = timezone.localtime(visit.scheduled_datetime)
    day = f"{date_format(local, 'D')}, {date_format(local, 'DATE_FORMAT')}"
    return f"{day}, {date_format(local, 'TIME_FORMAT')}"


def status_mark(visit: Visit) -> SafeString:
    return format_html(
        '<span class="mark mark-{}">{}</span>', MARKS.get(visit.status, "plain"), visit.get_status_display()
    )
