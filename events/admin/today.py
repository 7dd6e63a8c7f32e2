"""What a church's first page says of its events."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin import may
from events.models import Event
from events.occurrences import upcoming
from tenants.sites import TodaySection, church_site

from .events import coming_rows

SHOWN = 6


@church_site.today(position=40)
def next_events(request: HttpRequest) -> TodaySection | None:
    """The next dates, with how many come."""
    if not may(request, "events:read"):
        return None
    coming = upcoming(Event.objects.visible_to(request.user), most=SHOWN)
    content = {"rows": coming_rows(coming), "url": reverse("admin:events_event_changelist")}
    return TodaySection(_("Next events"), "events/today.html", content)
