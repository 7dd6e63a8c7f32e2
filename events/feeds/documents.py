"""Calendars as programs read them: iCalendar (RFC 5545), with the zones that the times are in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import icalendar
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import get_language

from events.models import Event, EventException, EventStatus
from events.occurrences import Occurrence
from events.recurrence import LAST_YEAR, zone_of
from tenants.models import Church

PRODUCT = "-//ChurchSaaS//Events//EN"
# What was over for longer is no longer in a calendar.
KEPT = timedelta(days=92)
# Zones are described for so many years ahead; programs that read one go on by its last rule.
YEARS_OF_ZONE = 10
STATUSES = {EventStatus.ACTIVE: "CONFIRMED", EventStatus.CANCELLED: "CANCELLED"}


def shown(events: Any) -> Any:
    """Those of a queryset of events that a calendar shows."""
    oldest = timezone.now() - KEPT
    return events.exclude(last_end__lt=oldest).order_by("start_datetime", "id")


def version_of(events: Any, church: Church) -> str:
    """A text that changes whenever the calendar of these events does (an ETag, RFC 9110). Two queries."""
    found = shown(events).order_by().aggregate(count=Count("pk"), newest=Max("updated_at"))
    dates = EventException.objects.filter(event__in=shown(events).order_by()).aggregate(
        count=Count("pk"), newest=Max("updated_at")
    )
    told = [*found.values(), *dates.values(), church.name, church.url, get_language(), timezone.now().date()]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def document_of(events: Any, church: Church, *, name: str) -> bytes:
    """The calendar of a queryset of events."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", church.timezone)
    rows = list(shown(events).prefetch_related("exceptions"))
    first: dict[str, int] = {}
    for event in rows:
        year = event.start_datetime.year
        first[event.timezone] = min(year, first.get(event.timezone, year))
    for zone, year in sorted(first.items()):
        if zone != "UTC":
            calendar.add_component(_zone(zone, year - 1, timezone.now().year + YEARS_OF_ZONE))
    for event in rows:
        for component in components_of(event, church):
            calendar.add_component(component)
    text: bytes = calendar.to_ical()
    return text


@lru_cache(maxsize=256)
def _zone(name: str, first: int, last: int) -> icalendar.Timezone:
    return icalendar.Timezone.from_tzid(
        name, first_date=date(first, 1, 1), last_date=date(min(max(last, first + 2), LAST_YEAR), 1, 1)
    )


def components_of(event: Event, church: Church) -> Iterable[icalendar.Event]:
    """The event, and each date of a series that differs from it."""
    exceptions = list(event.exceptions.all()) if event.recurrence else []
    main = _component(Occurrence(event, event.start_datetime), church)
    rule = event.series.rule
    if rule is not None:
        main.add("rrule", icalendar.vRecur.from_ical(rule.text()))
        for row in exceptions:
            if row.status == EventStatus.CANCELLED:
                main.add("exdate", _local(row.recurrence_id, event.timezone))
    yield main
    for row in exceptions:
        if row.status != EventStatus.CANCELLED:
            component = _component(Occurrence(event, row.recurrence_id, row), church)
            component.add("recurrence-id", _local(row.recurrence_id, event.timezone))
            yield component


def _local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(UTC if zone == "UTC" else zone_of(zone))


def _component(occurrence: Occurrence, church: Church) -> icalendar.Event:
    event = occurrence.event
    changed = max(
        event.updated_at, occurrence.exception.updated_at if occurrence.exception else event.updated_at
    )
    component = icalendar.Event()
    # The id never changes, and means the same on another installation to which the church is moved.
    component.add("uid", str(event.pk))
    component.add("sequence", event.sequence)
    # The calendar is published, so this is when it was last changed (RFC 5545, 3.8.7.2).
    component.add("dtstamp", changed.astimezone(UTC))
    component.add("last-modified", changed.astimezone(UTC))
    component.add("created", event.created_at.astimezone(UTC))
    component.add("dtstart", _local(occurrence.start, event.timezone))
    component.add("dtend", _local(occurrence.end, event.timezone))
    component.add("summary", occurrence.title)
    component.add("status", STATUSES[EventStatus(occurrence.status)])
    component.add("categories", [occurrence.event_type])
    if occurrence.description:
        component.add("description", occurrence.description)
    if occurrence.location:
        component.add("location", occurrence.location)
    if event.visibility == Event.Visibility.PUBLIC:
        component.add("url", f"{church.url}/events/{event.pk}/")
    else:
        component.add("class", "PRIVATE")
    return component
