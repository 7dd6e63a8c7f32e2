"""Single occurrences of events: when each takes place, and what differs on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from .models import Event, EventException, EventRegistration, EventStatus
from .recurrence import zone_of

# What one date of a series may have of its own besides its time and whether it takes place.
OWN_ON_A_DATE = ("title", "description", "event_type", "location", "max_attendees", "registration_required")
# How far ahead one looks for the next dates, in days, until enough are found.
LOOKING_AHEAD = (31, 184, 732)
# So many dates of one series may be cancelled in a row and the next is found.
MOST_CANCELLED = 60


@dataclass(frozen=True)
class Occurrence:
    """One date of an event. ``recurrence_id`` is its original start, by which it is known (UTC)."""

    event: Event
    recurrence_id: datetime
    exception: EventException | None = None

    def value(self, name: str) -> Any:
        """What holds on this date of one of ``OWN_ON_A_DATE``."""
        own: dict[str, Any] = self.exception.changes if self.exception else {}
        return own[name] if name in own else getattr(self.event, name)

    @property
    def key(self) -> tuple[UUID, datetime]:
        return self.event.pk, self.recurrence_id

    @property
    def start(self) -> datetime:
        return self.exception.start_datetime if self.exception else self.recurrence_id

    @property
    def end(self) -> datetime:
        return self.exception.end_datetime if self.exception else self.recurrence_id + self.event.duration

    @property
    def local_start(self) -> datetime:
        return self.start.astimezone(zone_of(self.event.timezone))

    @property
    def local_end(self) -> datetime:
        return self.end.astimezone(zone_of(self.event.timezone))

    @property
    def title(self) -> str:
        return str(self.value("title"))

    @property
    def description(self) -> str:
        return str(self.value("description"))

    @property
    def event_type(self) -> str:
        return str(self.value("event_type"))

    @property
    def location(self) -> str:
        return str(self.value("location"))

    @property
    def max_attendees(self) -> int | None:
        places: int | None = self.value("max_attendees")
        return places

    @property
    def registration_required(self) -> bool:
        return bool(self.value("registration_required"))

    @property
    def status(self) -> str:
        cancelled = EventStatus.CANCELLED in {self.event.status, self.exception and self.exception.status}
        return EventStatus.CANCELLED if cancelled else EventStatus.ACTIVE

    @property
    def is_cancelled(self) -> bool:
        return self.status == EventStatus.CANCELLED

    @property
    def is_over(self) -> bool:
        return self.end <= timezone.now()


@dataclass
class Counts:
    """How many there are of each status on one date."""

    registered: int = 0
    waitlisted: int = 0
    attended: int = 0
    cancelled: int = 0

    @property
    def taken(self) -> int:
        return self.registered + self.attended

    def free(self, places: int | None) -> int | None:
        """How many places are left; None where there is no limit."""
        return None if places is None else max(0, places - self.taken)


def occurrence_at(event: Event, recurrence_id: datetime | None) -> Occurrence | None:
    """The occurrence with this original start; None where the event has none."""
    if recurrence_id is None or not event.series.has(recurrence_id):
        return None
    exception = event.exceptions.filter(recurrence_id=recurrence_id).first() if event.recurrence else None
    return Occurrence(event, recurrence_id, exception)


def next_occurrence(event: Event, now: datetime | None = None) -> Occurrence | None:
    """The first occurrence that takes place and is not over; None where none is left."""
    moment = now or timezone.now()
    exceptions = {row.recurrence_id: row for row in event.exceptions.all()}
    starts = event.series.first_from(moment - event.duration, most=MOST_CANCELLED)
    candidates = [Occurrence(event, start, exceptions.get(start)) for start in {*starts, *exceptions.keys()}]
    coming = [one for one in candidates if one.end > moment and not one.is_cancelled]
    return min(coming, key=lambda one: one.start, default=None)


def default_occurrence(event: Event) -> Occurrence:
    """The occurrence that is meant where none is named: the next one, or else the last that there was."""
    coming = next_occurrence(event)
    if coming is not None:
        return coming
    last = (event.series.starts(event.start_datetime, timezone.now()) or [event.start_datetime])[-1]
    return Occurrence(
        event, last, next((row for row in event.exceptions.all() if row.recurrence_id == last), None)
    )


def expand(events: Iterable[Event], start: datetime, end: datetime) -> list[Occurrence]:
    """Every occurrence of ``events`` that touches the time from ``start`` to ``end``, in order."""
    found: list[Occurrence] = []
    for event in events:
        exceptions = {row.recurrence_id: row for row in event.exceptions.all()}
        found += [Occurrence(event, row.recurrence_id, row) for row in exceptions.values()]
        found += [
            Occurrence(event, begin)
            for begin in event.series.starts(start - event.duration, end)
            if begin not in exceptions
        ]
    touching = [one for one in found if one.start < end and one.end > start]
    return sorted(touching, key=lambda one: (one.start, one.title, one.event.pk))


def between(events: Any, start: datetime, end: datetime) -> list[Occurrence]:
    """The occurrences of a queryset of events between two times, in order. Two queries."""
    return expand(events.touching(start, end).prefetch_related("exceptions"), start, end)


def upcoming(events: Any, *, most: int, now: datetime | None = None) -> list[Occurrence]:
    """The next ``most`` occurrences that take place and are not over, within two years."""
    moment = now or timezone.now()
    found: list[Occurrence] = []
    for days in LOOKING_AHEAD:
        there = between(events, moment, moment + timedelta(days=days))
        found = [one for one in there if not one.is_cancelled]
        if len(found) >= most:
            break
    return found[:most]


def counts_of(occurrences: Iterable[Occurrence]) -> dict[tuple[UUID, datetime], Counts]:
    """Counts of each occurrence by its key. One query."""
    found = {one.key: Counts() for one in occurrences}
    rows = EventRegistration.objects.order_by().filter(
        event__in={event for event, _start in found}, occurrence_start__in={start for _event, start in found}
    )
    grouped = rows.values_list("event_id", "occurrence_start", "status").annotate(count=Count("pk"))
    for event_id, start, status, count in grouped if found else ():
        if (event_id, start) in found:
            setattr(found[event_id, start], status, count)
    return found
