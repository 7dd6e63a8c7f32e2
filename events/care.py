"""Registrations in the care timeline of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from members.care import Moment, source
from members.models import Member

from .dates import date_key
from .models import Event, EventRegistration


@source("events", _("Events"), permission="events:read")
def registrations_of(user: User, member: Member, before: datetime, count: int) -> Sequence[Moment]:
    """The events to which somebody came, or meant to."""
    rows = (
        EventRegistration.objects.filter(
            member=member, occurrence_start__lt=before, event__in=Event.objects.visible_to(user)
        )
        .select_related("event")
        .order_by("-occurrence_start", "-number")[:count]
    )
    return [
        Moment(
            at=row.occurrence_start,
            key=str(row.pk),
            title=row.event.title,
            text=str(row.get_status_display()),
            url=_page_of(row),
            icon="event",
        )
        for row in rows
    ]


def _page_of(row: EventRegistration) -> str:
    url = reverse("admin:events_event_registrations", args=[row.event_id])
    # A date that the series no longer has, has no page.
    is_there = bool(row.event.recurrence) and row.event.series.has(row.occurrence_start)
    return f"{url}?on={date_key(row.occurrence_start)}" if is_there else url
