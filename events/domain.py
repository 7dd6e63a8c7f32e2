"""The doors through which events change. One door, one transaction.

A series is changed on one date, on this and the following, or on all: ``scope``, and the date's original
start, ``occurrence_start``. Who is registered comes along, and is told what it means to them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from tenants.context import current_church

from . import editing
from .checking import checked, settle
from .flyers import drop_unused
from .models import Event, EventStatus
from .recurrence import split, to_instant
from .registrations import mails
from .registrations.places import locked_event, rows_of

ONE, FOLLOWING, ALL = "one", "following", "all"
SCOPES = (ONE, FOLLOWING, ALL)


@transaction.atomic
def create_event(*, created_by: User | None = None, **values: Any) -> Event:
    """A new event, or a new series where ``recurrence`` is an RRULE (RFC 5545).

    Times have an offset; ``timezone`` is the church's where none is given. Raises ValidationError.
    """
    clean = checked(values)
    if missing := {"title", "start_datetime", "end_datetime"} - clean.keys():
        raise ValidationError(dict.fromkeys(missing, _("This is required.")))
    clean.setdefault("timezone", current_church().timezone)
    event = Event(created_by=created_by, **clean)
    settle(event)
    event.save(force_insert=True)
    return event


@transaction.atomic
def change_event(
    *, event: Event, scope: str = ALL, occurrence_start: datetime | None = None, **values: Any
) -> Event:
    """Changes the fields that are given; answers the event, with FOLLOWING the new one that was split off.

    With a date, start and end in ``values`` are those of that date, whatever the scope. Raises
    ValidationError by field (``scope``, ``occurrence``), and Event.DoesNotExist.
    """
    clean = checked(values)
    locked = locked_event(event.pk)
    start = _date(locked, scope, occurrence_start)
    before = editing.dates_with_people(locked)
    was_cancelled = locked.status == EventStatus.CANCELLED
    if scope == ONE and locked.recurrence and start is not None:
        editing.change_one(locked, start, clean)
        settle(locked)
        editing.save(locked)
        editing.tell_and_refill({s: o for s, o in before.items() if s == start}, locked, {})
        if clean.get("status") == EventStatus.CANCELLED:
            editing.tell_of_cancelling(locked, start)
        return locked
    if scope == FOLLOWING and locked.recurrence and start is not None and start != locked.start_datetime:
        before = {begin: one for begin, one in before.items() if begin >= start}
        new, places = editing.change_following(locked, start, clean, before)
    else:
        new, places = locked, editing.change_all(locked, start, clean, before)
    editing.tell_and_refill(before, new, places)
    if new.status == EventStatus.CANCELLED and not was_cancelled:
        editing.tell_of_cancelling(new, None)
    return new


def _date(event: Event, scope: str, start: datetime | None) -> datetime | None:
    """The date that is meant. Raises ValidationError where one is needed and none, or a wrong one, given."""
    if scope not in SCOPES:
        raise ValidationError({"scope": _("Say one, following or all.")})
    if not event.recurrence:
        return None
    if start is None:
        if scope != ALL:
            raise ValidationError({"occurrence": _("Say which date of the series is meant.")})
        return None
    if not event.series.has(start):
        raise ValidationError({"occurrence": _("The event does not take place at this time.")})
    return start


@transaction.atomic
def cancel_event(*, event: Event, scope: str = ALL, occurrence_start: datetime | None = None) -> Event:
    """Says that it does not take place, and tells everybody who is registered. Raises as ``change_event``."""
    return change_event(
        event=event, scope=scope, occurrence_start=occurrence_start, status=EventStatus.CANCELLED
    )


@transaction.atomic
def remove_event(*, event: Event, scope: str = ALL, occurrence_start: datetime | None = None) -> None:
    """Deletes an event with its registrations, or the end of a series; one date of a series is cancelled.

    Who is registered for a date to come is told. Raises ValidationError and Event.DoesNotExist.
    """
    locked = locked_event(event.pk)
    start = _date(locked, scope, occurrence_start)
    if scope == ONE and start is not None:
        cancel_event(event=locked, scope=ONE, occurrence_start=start)
        return
    before = editing.dates_with_people(locked)
    if scope == FOLLOWING and start is not None and start != locked.start_datetime:
        rule, _after = split(locked.series, start)
        locked.exceptions.filter(recurrence_id__gte=start).delete()
        editing.change_all(locked, None, {"recurrence": rule.text()}, before)
        return
    for occurrence in before.values():
        if not occurrence.is_cancelled:
            for registration in rows_of(occurrence).active().select_related("member"):
                mails.tell(registration, mails.CANCELLED, occurrence)
    editing.tell_of_cancelling(locked, None)
    flyer = locked.flyer
    locked.delete()
    drop_unused(flyer)


@transaction.atomic
def duplicate_event(
    *, event: Event, start_datetime: datetime | None = None, created_by: User | None = None
) -> Event:
    """A new event like this one, without its people and without its repetition.

    It starts a week later where nothing else is said. Raises ValidationError.
    """
    start = start_datetime or to_instant(event.series.wall + timedelta(days=7), event.timezone)
    values = {name: getattr(event, name) for name in editing.COPIED}
    values |= {"created_by": created_by, "status": EventStatus.ACTIVE}
    begin = checked({"start_datetime": start})["start_datetime"]
    copy = Event(**values, start_datetime=begin, end_datetime=begin + event.duration)
    settle(copy)
    copy.save(force_insert=True)
    return copy
