"""A pastor's visits as a calendar that other devices read (iCalendar, RFC 5545).

Titles are discreet: a calendar stands open on a phone, and its address may get into hands that it was not
meant for. It says "Visit" and the place; initials only where the pastor wants them. Nothing of notes or
reports.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from tenants.context import current_church

from .calendars import zone_of
from .models import PastorCalendar, Visit

DAYS_BACK, DAYS_AHEAD = 60, 400
STATUSES = {"scheduled": "CONFIRMED", "completed": "CONFIRMED", "cancelled": "CANCELLED"}


def feed_of(calendar: PastorCalendar) -> bytes:
    """The file: visits of the last two months and the next year, those that were called off as such.

    One that was moved is the same event with a higher SEQUENCE, under its one UID.
    """
    now = timezone.now()
    visits = (
        Visit.objects.with_people()
        .filter(assigned_pastor=calendar.user, status__in=list(STATUSES))
        .between(now - timedelta(days=DAYS_BACK), now + timedelta(days=DAYS_AHEAD))
        .order_by("scheduled_datetime", "id")
    )
    church = current_church()
    made = Calendar()
    made.add("prodid", "-//ChurchSaaS//Visits//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    with translation.override(church.language):
        made.add("x-wr-calname", _("Visits"))
        for visit in visits:
            made.add_component(_event(calendar, visit))
    made.add_missing_timezones()
    return made.to_ical()


def _event(calendar: PastorCalendar, visit: Visit) -> Event:
    zone = zone_of(calendar)
    start = visit.scheduled_datetime.astimezone(zone)
    event = Event()
    event.add("uid", f"{visit.calendar_uid}@visits")
    event.add("sequence", visit.sequence)
    event.add("dtstamp", visit.updated_at)
    event.add("last-modified", visit.updated_at)
    event.add("dtstart", start)
    # In UTC between: an hour's visit that a clock change falls into takes an hour.
    end = visit.scheduled_datetime + timedelta(minutes=visit.duration_minutes)
    event.add("dtend", end.astimezone(zone))
    event.add("summary", _title(calendar, visit))
    if place := _place(calendar, visit):
        event.add("location", place)
    event.add("status", STATUSES[visit.status])
    event.add("class", "PRIVATE")
    return event


def _title(calendar: PastorCalendar, visit: Visit) -> str:
    if not calendar.shows_initials:
        return _("Visit")
    initials = "".join(f"{word[0].upper()}." for word in visit.who.split()[:3])
    return f"{_('Visit')} {initials}"


def _place(calendar: PastorCalendar, visit: Visit) -> str:
    """The place, unless it names whoever is visited (“at the Smiths”)."""
    place = visit.location
    names = [word.casefold() for word in visit.who.split() if len(word) > 2]
    return "" if any(name in place.casefold() for name in names) else place


def tag_of(content: bytes) -> str:
    """The ETag of a file."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def headers_of(tag: str) -> dict[str, Any]:
    """What goes with the file and with the answer that it has not changed."""
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"}
