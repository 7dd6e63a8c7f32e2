"""How a change of one date, of this and the following, or of all dates is carried out.

Everything here runs inside a door's transaction, with the event's row locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from . import signals
from .checking import check_span, settle
from .models import Event, EventException, EventRegistration, EventStatus
from .occurrences import OWN_ON_A_DATE, Occurrence, occurrence_at
from .recurrence import Series, in_safe_order, moved, split, to_instant, to_wall
from .registrations import mails
from .registrations.places import plan_reminder, refill, reminder_at, rows_of

COPIED = (
    "title", "description", "event_type", "timezone", "location", "max_attendees", "registration_required",
    "visibility", "reminder_hours", "status", "flyer", "created_by",
)  # fmt: skip
OWN_COLUMNS = {"start_datetime", "end_datetime", "status"}

# Original start -> the date as it was, for each to come for which somebody is registered.
Before = dict[datetime, Occurrence]


def dates_with_people(event: Event) -> Before:
    """The dates to come for which somebody is registered, as they are before a change."""
    # Copies: the rows at hand are about to be changed.
    unchanged = Event.objects.get(pk=event.pk)
    starts = EventRegistration.objects.active().filter(event=event).order_by()
    found = {}
    for start in starts.values_list("occurrence_start", flat=True).distinct():
        occurrence = occurrence_at(unchanged, start)
        if occurrence is not None and not occurrence.is_over:
            found[start] = occurrence
    return found


def tell_and_refill(before: Before, event: Event, places: Mapping[datetime, datetime | None]) -> None:
    """Tells who is registered what a change means to them, and gives away places that became free.

    ``places`` says where each of the dates before is found in ``event`` now; None where it is gone.
    """
    for start, was in before.items():
        occurrence = occurrence_at(event, places.get(start, start))
        if occurrence is None:
            continue
        rows = rows_of(occurrence).active().exclude(status="attended").select_related("member", "event")
        if occurrence.is_cancelled and not was.is_cancelled:
            for registration in rows:
                mails.tell(registration, mails.CANCELLED, occurrence)
        elif not occurrence.is_cancelled and _differs(was, occurrence):
            for registration in rows:
                mails.tell(registration, mails.CHANGED, occurrence)
        if _reminder_moved(was, occurrence):
            for registration in rows.filter(status="registered"):
                plan_reminder(registration, occurrence, told=_differs(was, occurrence))
        refill(occurrence)


def _differs(was: Occurrence, occurrence: Occurrence) -> bool:
    back = was.is_cancelled
    return back or (was.start, was.end, was.location) != (
        occurrence.start,
        occurrence.end,
        occurrence.location,
    )


def _reminder_moved(was: Occurrence, occurrence: Occurrence) -> bool:
    return not occurrence.is_cancelled and reminder_at(was) != reminder_at(occurrence)


def call_off(rows: Iterable[EventRegistration], was: Occurrence | None) -> None:
    """The date is no longer one of the series: nobody is registered for it any more, and they are told."""
    for registration in rows:
        if registration.status in {"registered", "waitlisted"}:
            registration.status = EventRegistration.Status.CANCELLED
            registration.save(update_fields=["status", "updated_at"])
            if was is not None and not was.is_cancelled:
                mails.tell(registration, mails.CANCELLED, was)


def changed_values(event: Event, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``values`` that are not the event's already."""
    return {name: value for name, value in values.items() if getattr(event, name) != value}


def _without_times_of_the_first(event: Event, start: datetime, values: Mapping[str, Any]) -> dict[str, Any]:
    """Who sends all fields back as they were read means no other time by the times of the first date."""
    if start == event.start_datetime:
        return dict(values)
    times = {"start_datetime", "end_datetime"}
    return {n: value for n, value in values.items() if n not in times or value != getattr(event, n)}


def change_one(event: Event, start: datetime, values: Mapping[str, Any]) -> None:
    """Changes one date of a series. Raises ValidationError by field for what holds for all dates."""
    values = _without_times_of_the_first(event, start, values)
    own = {*OWN_ON_A_DATE, *OWN_COLUMNS}
    if common := [name for name in values.keys() - own if getattr(event, name) != values[name]]:
        text = _("This is the same on all dates; change it for all of them.")
        raise ValidationError(dict.fromkeys(common, text))
    exception = event.exceptions.select_for_update().filter(recurrence_id=start).first() or EventException(
        event=event, recurrence_id=start, start_datetime=start, end_datetime=start + event.duration
    )
    for name in OWN_COLUMNS & values.keys():
        setattr(exception, name, values[name])
    changes = exception.changes | {name: values[name] for name in OWN_ON_A_DATE if name in values}
    exception.changes = {name: value for name, value in changes.items() if getattr(event, name) != value}
    check_span(exception.start_datetime, exception.end_datetime)
    is_as_ever = (
        not exception.changes
        and exception.status == EventStatus.ACTIVE
        and (exception.start_datetime, exception.end_datetime) == (start, start + event.duration)
    )
    if not is_as_ever:
        exception.save()
    elif not exception._state.adding:
        exception.delete()


def change_all(
    event: Event, start: datetime | None, values: Mapping[str, Any], before: Before
) -> dict[datetime, datetime | None]:
    """Changes all dates; with ``start``, times in ``values`` are those of that date. Answers where dates with
    people or with something of their own are found now. Raises ValidationError.
    """
    old, old_duration = event.series, event.duration
    values = dict(values)
    if start is not None and event.recurrence:
        values = _without_times_of_the_first(event, start, values)
        values |= _of_the_first(event, start, values)
    values = changed_values(event, values)
    if not values:
        return {}
    for name, value in values.items():
        setattr(event, name, value)
    if "recurrence" not in values:
        event.recurrence = _ending_along(old, event)
    settle(event)
    save(event)
    if event.series == old and event.duration == old_duration:
        return {}
    return move_people(event, event, old, old_duration, before)


def _ending_along(old: Series, event: Event) -> str:
    """The rule, with an end that moves as the first date did, so that no date is lost by it."""
    if old.rule is None or old.rule.until is None:
        return event.recurrence
    shift = to_wall(event.start_datetime, event.timezone) - old.wall
    until = to_instant(to_wall(old.rule.until, old.zone) + shift, event.timezone)
    return replace(old.rule, until=until).text()


def _of_the_first(event: Event, start: datetime, values: Mapping[str, Any]) -> dict[str, Any]:
    """Times that were given for the date ``start``, as those of the first date of the series."""
    if not values.keys() & {"start_datetime", "end_datetime", "timezone"}:
        return {}
    zone = values.get("timezone", event.timezone)
    begin = values.get("start_datetime", start)
    end = values.get("end_datetime", start + event.duration)
    wall = to_wall(begin, zone)
    days = wall.date() - to_wall(start, event.timezone).date()
    first = datetime.combine(event.series.wall.date() + days, wall.time())
    instant = to_instant(first, zone)
    return {"start_datetime": instant, "end_datetime": instant + (end - begin)}


def change_following(
    event: Event, start: datetime, values: Mapping[str, Any], before: Before
) -> tuple[Event, dict[datetime, datetime | None]]:
    """Ends the series before ``start`` and makes a new one of what follows, with ``values``.

    Answers the new event, and where dates are found in it as ``change_all`` does. Raises ValidationError.
    """
    values = changed_values(event, values)
    old, duration = event.series, event.duration
    ended, after = split(old, start)
    new = Event(
        **{name: getattr(event, name) for name in COPIED},
        start_datetime=start,
        end_datetime=start + duration,
        recurrence=after.text(),
        split_from=event,
    )
    if "start_datetime" in values:
        new.end_datetime = values["start_datetime"] + duration
        event.exceptions.filter(recurrence_id=start, status=EventStatus.ACTIVE).delete()
    for name, value in values.items():
        setattr(new, name, value)
    rest = Series(start, event.timezone, after)
    if "recurrence" not in values:
        new.recurrence = _ending_along(rest, new)
    settle(new)
    new.save(force_insert=True)
    event.recurrence = ended.text()
    places = move_people(event, new, rest, duration, before)
    settle(event)
    save(event)
    reach_exceptions(new)
    new.save(update_fields=["last_end", "updated_at"])
    return new, places


def move_people(
    event: Event, target: Event, old: Series, duration: timedelta, before: Before
) -> dict[datetime, datetime | None]:
    """Takes registrations and exceptions of the series ``old`` along, from ``event`` to ``target``."""
    exceptions = [row for row in event.exceptions.select_for_update() if row.recurrence_id >= old.start]
    rows = EventRegistration.objects.select_for_update(of=("self",)).select_related("member")
    by_start: dict[datetime, list[EventRegistration]] = {}
    for row in rows.filter(event=event, occurrence_start__gte=old.start).order_by("number"):
        by_start.setdefault(row.occurrence_start, []).append(row)
    starts = {row.recurrence_id for row in exceptions} | by_start.keys()
    places = moved(old, target.series, (start for start in starts if old.has(start)))
    _move_exceptions(exceptions, target, places, duration)
    kept = {start: place for start, place in places.items() if place is not None}
    gone = [start for start in by_start if start not in kept]
    there = set()
    for start in gone:
        call_off(by_start[start], before.get(start))
        there |= {(start, _who(row)) for row in by_start[start] if row.status != "cancelled"}
    steps = (
        [*in_safe_order(kept)] if target is event else [*kept.items(), *((start, start) for start in gone)]
    )
    for start, place in steps:
        for row in by_start.get(start, ()):
            if start in kept and (place, _who(row)) in there:
                # They were there on what was another date and is this one now.
                row.status = EventRegistration.Status.CANCELLED
            row.event, row.occurrence_start = target, place
            row.save(update_fields=["event", "occurrence_start", "status", "updated_at"])
    return places


def _who(registration: EventRegistration) -> Any:
    return registration.member_id or registration.email.lower() or registration.pk


def _move_exceptions(
    exceptions: Iterable[EventException],
    target: Event,
    places: Mapping[datetime, datetime | None],
    duration: timedelta,
) -> None:
    rows = {row.recurrence_id: row for row in exceptions}
    for row in rows.values():
        if places.get(row.recurrence_id) is None:
            row.delete()
    kept = {start: place for start, place in places.items() if place is not None and start in rows}
    same = [(start, place) for start, place in kept.items() if start == place]
    for start, place in (*in_safe_order(kept), *same):
        row = rows[start]
        if (row.start_datetime, row.end_datetime) == (start, start + duration):
            # Only something else differs on this date; its time is the series'.
            row.start_datetime, row.end_datetime = place, place + target.duration
        row.event, row.recurrence_id = target, place
        row.changes = {name: v for name, v in row.changes.items() if getattr(target, name) != v}
        row.save()


def save(event: Event) -> None:
    """Stores an event that was changed, with the next number of change."""
    event.sequence += 1
    reach_exceptions(event)
    event.save()


def reach_exceptions(event: Event) -> None:
    """Nothing of the event ends later than ``last_end``: dates of their own may."""
    latest = event.exceptions.aggregate(latest=Max("end_datetime"))["latest"]
    if event.last_end is not None and latest is not None:
        event.last_end = max(event.last_end, latest)


def tell_of_cancelling(event: Event, start: datetime | None) -> None:
    """For rooms above."""
    signals.event_cancelled.send(sender=Event, event=event, occurrence_start=start)
