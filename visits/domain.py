"""The doors through which visits change. One door, one transaction.

API, pages and jobs all come through here. Whoever is visited is locked before the visit, and the visit
before its pastor's calendar, by every door.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core import context
from members.models import Member

from . import signals, telling
from .calendars import locked_calendar_of, working_hours
from .models import PastorCalendar, Visit
from .occupying import booked_once, occupied_by
from .reminders import plan_reminders
from .reports import write_report
from .values import checked_values, demand_whole

Status = Visit.Status
# Of these, calendars that show the visit must be told.
SHOWN_IN_CALENDARS = {"scheduled_datetime", "duration_minutes", "location", "assigned_pastor", "status"}
TAKES_TIME = {"scheduled_datetime", "duration_minutes", "assigned_pastor", "status"}
KEPT_WHEN_MOVED = (
    "member_id", "visitor_name", "visitor_email", "visitor_phone", "visit_type", "duration_minutes",
    "location", "notes", "assigned_pastor_id", "follow_up_on", "timezone", "origin_kind", "origin_id",
    "calendar_uid",
)  # fmt: skip
VISIT = "visit"


@transaction.atomic
def book_visit(*, user: User | None, outside_hours: bool = False, **values: Any) -> Visit:
    """A new visit, planned by ``user``. ``values`` are those of ``visits.values.CHECKS``.

    A time outside of the pastor's visiting hours is refused unless ``outside_hours`` is said. A visit that
    follows up another (``origin_kind`` ``"visit"``) settles its date. Raises ValidationError by field, and
    PastorBookedError when the pastor has another visit at that time.
    """
    clean = checked_values({"visit_type": "pastoral", "scheduled_datetime": None, **values})
    visit = Visit(created_by=user, **clean)
    demand_whole(visit)
    _hold_person(visit.member_id)
    if visit.origin_kind == VISIT and visit.origin_id:
        _settle_follow_up(visit.origin_id)
    _place(visit, outside_hours=outside_hours, is_new=True)
    telling.tell_booked(visit, by=user)
    signals.visit_booked.send(sender=Visit, visit=visit, origin=context.origin.get())
    return visit


@transaction.atomic
def change_visit(*, visit: Visit, user: User, outside_hours: bool = False, **values: Any) -> Visit:
    """Changes what is given and leaves the rest.

    Another time or pastor is a correction: the row stays, and both sides are told; to keep what was
    planned before, use ``reschedule_visit``. ``status`` may be ``completed``, ``cancelled``, or
    ``scheduled`` to take either back. Raises as ``book_visit``; what was moved is not changed any more.
    """
    status = values.pop("status", None)
    clean = checked_values(values)
    _hold_person(visit.member_id)
    locked = _locked(visit)
    before = {name: known for name, value in clean.items() if (known := getattr(locked, name)) != value}
    _demand_status(locked, before, status)
    for name in before:
        setattr(locked, name, clean[name])
    demand_whole(locked)
    if status == Status.SCHEDULED and locked.status != status:
        before["status"] = locked.status
        locked.status, locked.outcome = status, ""
    if before:
        _save_changes(locked, before, outside_hours)
        telling.tell_changed(locked, before, by=user)
    if status == Status.COMPLETED and locked.status != status:
        return complete_visit(visit=locked, user=user)
    if status == Status.CANCELLED and locked.status != status:
        return cancel_visit(visit=locked, user=user)
    return locked


def _demand_status(visit: Visit, changes: Any, status: str | None) -> None:
    if status is not None and status not in Status.values:
        raise ValidationError({"status": _("There is no such status.")})
    if status == Status.RESCHEDULED and visit.status != status:
        raise ValidationError({"status": _("Give the new time with “reschedule”.")})
    is_moved = visit.status == Status.RESCHEDULED
    if is_moved and (changes or (status is not None and status != visit.status)):
        raise ValidationError({"status": _("This visit was moved; change the one that it became.")})


def _save_changes(visit: Visit, before: dict[str, Any], outside_hours: bool) -> None:
    if before.keys() & SHOWN_IN_CALENDARS:
        visit.sequence += 1
    if before.keys() & TAKES_TIME:
        moves = bool(before.keys() & {"scheduled_datetime", "duration_minutes", "assigned_pastor"})
        _place(visit, outside_hours=outside_hours or not moves, is_new=False)
    else:
        if "timezone" in before:
            plan_reminders(visit, None)
        visit.save()


@transaction.atomic
def reschedule_visit(
    *,
    visit: Visit,
    user: User | None,
    scheduled_datetime: datetime,
    outside_hours: bool = False,
    duration_minutes: int | None = None,
    assigned_pastor: User | None = None,
) -> Visit:
    """Moves a planned visit: a new one is made, which points back at this one. Tells both sides.

    Length and pastor stay unless they are given. Raises as ``book_visit``, and ValidationError
    (``status``) for a visit that is not planned any more.
    """
    given = {"scheduled_datetime": scheduled_datetime, "duration_minutes": duration_minutes,
             "assigned_pastor": assigned_pastor}  # fmt: skip
    clean = checked_values({name: value for name, value in given.items() if value is not None})
    _hold_person(visit.member_id)
    before = _locked(visit)
    if before.status != Status.SCHEDULED:
        raise ValidationError({"status": _("Only a visit that is planned can be moved.")})
    moved = Visit(
        created_by=user,
        rescheduled_from=before,
        sequence=before.sequence + 1,
        **{name: getattr(before, name) for name in KEPT_WHEN_MOVED},
    )
    for name, value in clean.items():
        setattr(moved, name, value)
    _set_aside(before, Status.RESCHEDULED)
    before.follow_up_on = None
    before.save()
    _place(moved, outside_hours=outside_hours, is_new=True)
    telling.tell_moved(moved, before.scheduled_datetime, by=user)
    signals.visit_rescheduled.send(sender=Visit, visit=moved, before=before, origin=context.origin.get())
    return moved


@transaction.atomic
def complete_visit(
    *,
    visit: Visit,
    user: User,
    outcome: str = Visit.Outcome.MET,
    report: str = "",
    follow_up_on: date | None = None,
) -> Visit:
    """The visit took place: how it went, a report in confidence, and when to look after them next.

    A report needs ``members:confidential``. Raises ValidationError by field, PermissionDenied.
    """
    if outcome not in Visit.Outcome.values:
        raise ValidationError({"outcome": _("There is no such outcome.")})
    clean = checked_values({"follow_up_on": follow_up_on})
    locked = _locked(visit)
    if locked.status != Status.SCHEDULED:
        raise ValidationError({"status": _("Only a visit that is planned can be completed.")})
    locked.status, locked.outcome = Status.COMPLETED, outcome
    locked.follow_up_on = clean["follow_up_on"] or locked.follow_up_on
    locked.sequence += 1
    locked.remind_at = locked.remind_pastor_at = None
    if locked.scheduled_datetime > timezone.now():
        locked.occupied = None
    locked.save()
    if report.strip():
        write_report(visit=locked, user=user, body=report)
    signals.visit_completed.send(sender=Visit, visit=locked, origin=context.origin.get())
    return locked


@transaction.atomic
def cancel_visit(*, visit: Visit, user: User | None) -> Visit:
    """Calls a planned visit off; both sides are told. Raises ValidationError (``status``)."""
    locked = _locked(visit)
    if locked.status != Status.SCHEDULED:
        raise ValidationError({"status": _("Only a visit that is planned can be cancelled.")})
    _set_aside(locked, Status.CANCELLED)
    locked.sequence += 1
    locked.save()
    telling.tell_cancelled(locked, by=user)
    signals.visit_cancelled.send(sender=Visit, visit=locked, origin=context.origin.get())
    return locked


@transaction.atomic
def plan_follow_up(*, visit: Visit, follow_up_on: date | None) -> Visit:
    """Writes down when somebody is to be looked after once more; None when that was done."""
    clean = checked_values({"follow_up_on": follow_up_on})
    locked = _locked(visit)
    if locked.follow_up_on != clean["follow_up_on"]:
        locked.follow_up_on = clean["follow_up_on"]
        locked.save()
    return locked


@transaction.atomic
def remove_visit(*, visit: Visit, user: User) -> None:
    """Deletes a visit with its report. Raises PermissionDenied."""
    if not user.has_permission("visits:delete"):
        raise PermissionDenied
    _locked(visit).delete()


def _set_aside(visit: Visit, status: str) -> None:
    visit.status = status
    visit.occupied = visit.remind_at = visit.remind_pastor_at = None


def _settle_follow_up(visit_id: uuid.UUID) -> None:
    followed = Visit.objects.select_for_update().filter(pk=visit_id, follow_up_on__isnull=False).first()
    if followed is not None:
        followed.follow_up_on = None
        followed.save()


def _place(visit: Visit, *, outside_hours: bool, is_new: bool) -> None:
    """Saves the visit at its time. Raises ValidationError, PastorBookedError."""
    stands = visit.status == Status.SCHEDULED
    calendar = locked_calendar_of(visit.assigned_pastor) if visit.assigned_pastor and stands else None
    if calendar is not None and not outside_hours:
        _demand_hours(calendar, visit)
    visit.occupied = None
    if calendar is not None:
        visit.occupied = occupied_by(calendar, visit.scheduled_datetime, visit.duration_minutes)
    plan_reminders(visit, calendar)
    with booked_once(calendar, visit):
        visit.save(force_insert=is_new)


def _demand_hours(calendar: PastorCalendar, visit: Visit) -> None:
    end = visit.scheduled_datetime + timedelta(minutes=visit.duration_minutes)
    if not working_hours(calendar).include(visit.scheduled_datetime, end):
        text = _("This is outside of the visiting hours. Say that it is meant so, and it is planned.")
        raise ValidationError({"scheduled_datetime": ValidationError(text, code="outside_hours")})


def _hold_person(member_id: uuid.UUID | None) -> None:
    """Nobody is merged or deleted while a visit of theirs is made. Raises ValidationError."""
    if member_id is None:
        return
    if not Member.objects.select_for_update(no_key=True).filter(pk=member_id).exists():
        raise ValidationError({"member_id": _("There is no such entry.")})


def _locked(visit: Visit) -> Visit:
    """The row as it is now, locked. Raises Visit.DoesNotExist."""
    return Visit.objects.with_people().select_for_update(of=("self",)).get(pk=visit.pk)
