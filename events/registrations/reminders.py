"""Reminders: each registration once, a set number of hours before its date."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from events.models import Event, EventRegistration
from events.occurrences import Occurrence

from . import mails
from .places import reminder_at

# A date may have been put off by so long since people registered for it.
LONGEST_DELAY = timedelta(days=92)


def _unreminded() -> Any:
    return EventRegistration.objects.filter(
        status=EventRegistration.Status.REGISTERED, reminded_at=None, event__reminder_hours__isnull=False
    )


def _to_come() -> list[tuple[datetime, Occurrence]]:
    """When to remind of what, for every date that is to come and of which somebody was not reminded."""
    now = timezone.now()
    not_over = Q(event__last_end=None) | Q(event__last_end__gt=now)
    rows = _unreminded().filter(not_over, occurrence_start__gt=now - LONGEST_DELAY).order_by()
    keys = list(rows.values_list("event_id", "occurrence_start").distinct())
    events = Event.objects.prefetch_related("exceptions").in_bulk({event_id for event_id, _start in keys})
    found = []
    for event_id, start in keys:
        event = events[event_id]
        exception = next((row for row in event.exceptions.all() if row.recurrence_id == start), None)
        occurrence = Occurrence(event, start, exception)
        at = reminder_at(occurrence)
        if at is not None and occurrence.start > now and not occurrence.is_cancelled:
            found.append((at, occurrence))
    return found


def next_reminder() -> datetime | None:
    """When the next reminder is due."""
    return min((at for at, _occurrence in _to_come()), default=None)


def send_reminders() -> None:
    """Queues the reminders that are due. Each row is marked in the transaction that queues its mail."""
    now = timezone.now()
    for at, occurrence in _to_come():
        if at <= now:
            _remind(occurrence)


@transaction.atomic
def _remind(occurrence: Occurrence) -> None:
    event_id, start = occurrence.key
    rows = list(
        _unreminded()
        .filter(event_id=event_id, occurrence_start=start)
        .select_related("member")
        .select_for_update(of=("self",), skip_locked=True)
    )
    EventRegistration.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=timezone.now())
    for row in rows:
        mails.tell(row, mails.REMINDER, occurrence)
