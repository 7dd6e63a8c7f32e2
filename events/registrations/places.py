"""Places and the wait list. Everything here runs while the event's row is locked by a door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from events import signals
from events.dates import date_key
from events.models import Event, EventRegistration
from events.occurrences import Occurrence, counts_of, occurrence_at
from notifications.domain import notify, users_with
from tenants import due

from . import mails

FULL = "events.full"
REMINDERS = "events.reminders"


def locked_event(event_id: Any) -> Event:
    """The event; nobody else gives its places away before this ends. Raises Event.DoesNotExist."""
    return Event.objects.select_for_update(of=("self",)).get(pk=event_id)


def rows_of(occurrence: Occurrence) -> Any:
    """The registrations for an occurrence."""
    event_id, start = occurrence.key
    return EventRegistration.objects.filter(event_id=event_id, occurrence_start=start)


def has_room(occurrence: Occurrence) -> bool:
    """Whether one more may come."""
    free = counts_of([occurrence])[occurrence.key].free(occurrence.max_attendees)
    return free is None or free > 0


def next_number(occurrence: Occurrence) -> int:
    """The number of whoever comes next."""
    newest = rows_of(occurrence).aggregate(newest=Max("number"))["newest"]
    return int(newest or 0) + 1


def refill(occurrence: Occurrence) -> list[EventRegistration]:
    """Gives free places to those who wait, first come first, and tells them; returns who moved up."""
    if occurrence.is_cancelled or occurrence.is_over:
        return []
    waiting = rows_of(occurrence).waiting().select_related("member")
    if not waiting.exists():
        return []
    free = counts_of([occurrence])[occurrence.key].free(occurrence.max_attendees)
    promoted = list(waiting.select_for_update(of=("self",))[:free])
    for registration in promoted:
        registration.status = EventRegistration.Status.REGISTERED
        registration.promoted_at = timezone.now()
        registration.save(update_fields=["status", "promoted_at", "updated_at"])
        mails.tell(registration, mails.PROMOTED, occurrence)
        plan_reminder(registration, occurrence)
        signals.registration_promoted.send(sender=EventRegistration, registration=registration)
    return promoted


def refill_event(event: Event) -> None:
    """The same for every occurrence of the event for which somebody waits."""
    starts = EventRegistration.objects.waiting().filter(event=event).order_by()
    for start in starts.values_list("occurrence_start", flat=True).distinct():
        if (occurrence := occurrence_at(event, start)) is not None:
            refill(occurrence)


def reminder_at(occurrence: Occurrence) -> datetime | None:
    """When those who come are reminded."""
    hours = occurrence.event.reminder_hours
    return None if hours is None else occurrence.start - timedelta(hours=hours)


def plan_reminder(registration: EventRegistration, occurrence: Occurrence, *, told: bool = True) -> None:
    """Plans the reminder. Whom another mail has ``told`` just now is not reminded when its time is past."""
    at = reminder_at(occurrence)
    if at is None:
        return
    row = EventRegistration.objects.filter(pk=registration.pk)
    if at > timezone.now():
        row.update(reminded_at=None)
    elif told:
        row.update(reminded_at=timezone.now())
    due.plan(REMINDERS, at)


def say_when_full(occurrence: Occurrence) -> None:
    """Tells those who plan events that the last place was taken just now."""
    if occurrence.max_attendees and not has_room(occurrence):
        page = reverse("admin:events_event_registrations", args=[occurrence.event.pk])
        notify(
            kind=FULL,
            users=users_with("events:write"),
            data={"title": occurrence.title, "places": occurrence.max_attendees},
            url=f"{page}?on={date_key(occurrence.recurrence_id)}",
        )
