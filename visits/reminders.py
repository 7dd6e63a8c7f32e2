"""Reminders: a mail to whoever is visited, the day before at nine where they live; a word to the pastor, on
the day itself at seven where they work. Each once.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from tenants import due

from . import telling
from .calendars import zone_of
from .models import PastorCalendar, Visit

KIND = "visits.reminders"
MAIL_AT, PASTOR_AT = time(9), time(7)
AT_ONCE = 200


def plan_reminders(visit: Visit, calendar: PastorCalendar | None) -> None:
    """Writes into the visit, which is saved afterwards, when each reminder is due.

    What would have been due before now is left out: who agreed to it today need not be reminded today.
    ``calendar`` is that of the visit's pastor; without it, their reminder stays as it is, or goes where
    there is no pastor.
    """
    if visit.status != Visit.Status.SCHEDULED:
        visit.remind_at = visit.remind_pastor_at = None
        return
    now = timezone.now()
    zone = telling.zone_of_visited(visit)
    eve = visit.scheduled_datetime.astimezone(zone).date() - timedelta(days=1)
    visit.remind_at = _still_to_come(datetime.combine(eve, MAIL_AT, zone), now)
    if calendar is not None:
        theirs = zone_of(calendar)
        day = visit.scheduled_datetime.astimezone(theirs).date()
        visit.remind_pastor_at = _still_to_come(datetime.combine(day, PASTOR_AT, theirs), now)
    elif visit.assigned_pastor is None:
        visit.remind_pastor_at = None
    for at in (visit.remind_at, visit.remind_pastor_at):
        if at is not None:
            due.plan(KIND, at)


def _still_to_come(at: datetime, now: datetime) -> datetime | None:
    return at if at > now else None


def send_reminders() -> None:
    """Sends what is due by now, in portions; called by the worker, inside a church."""
    while _send_some("remind_at", _remind_visited) or _send_some("remind_pastor_at", _remind_pastors):
        continue


@transaction.atomic
def _send_some(field: str, tell: Any) -> bool:
    """Takes rows that no other worker has, and marks them in the transaction that queues their mail."""
    rows = Visit.objects.with_people().select_for_update(of=("self",), skip_locked=True)
    taken = list(rows.filter(**{f"{field}__lte": timezone.now()}).order_by(field)[:AT_ONCE])
    # Of no interest to the history: it is no change of the visit.
    Visit.objects.filter(pk__in=[visit.pk for visit in taken]).update(**{field: None})
    tell([visit for visit in taken if visit.status == Visit.Status.SCHEDULED])
    return len(taken) == AT_ONCE


def _remind_visited(visits: list[Visit]) -> None:
    for visit in visits:
        # After an outage nobody is reminded of what has been.
        if visit.scheduled_datetime > timezone.now():
            telling.remind_visited(visit)


def _remind_pastors(visits: list[Visit]) -> None:
    by_pastor: dict[Any, list[Visit]] = defaultdict(list)
    for visit in visits:
        if visit.assigned_pastor is not None and visit.scheduled_datetime > timezone.now():
            by_pastor[visit.assigned_pastor].append(visit)
    calendars = PastorCalendar.objects.filter(user__in=list(by_pastor)).select_related("user")
    zones: dict[Any, ZoneInfo] = {calendar.user_id: zone_of(calendar) for calendar in calendars}
    for pastor, theirs in by_pastor.items():
        telling.remind_pastor(pastor, theirs, zones.get(pastor.pk) or zone_of(None))


def next_reminder() -> datetime | None:
    """When the next reminder of the church is due; None for none."""
    earliest = Visit.objects.aggregate(mail=Min("remind_at"), pastor=Min("remind_pastor_at"))
    return min((at for at in earliest.values() if at is not None), default=None)
