"""A month of visits around today, for the demo."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from members.demo.parts import demo_part
from members.models import Member
from tenants.context import current_church

from . import calendars, domain
from .models import Visit

HOURS = {
    **{day: [["09:00", "12:00"], ["13:30", "18:00"]] for day in "2345"},
    "6": [["09:00", "13:00"]],
    "7": [["14:00", "18:00"]],
}
# Days from today, wall time, kind, minutes, place, what became of it.
PLANNED = [
    (-27, "10:00", "home", 60, "At home", "done"),
    (-25, "14:00", "hospital", 45, "St. Luke’s Hospital, ward 3", "done"),
    (-24, "16:00", "coffee", 60, "Corner Café", "done"),
    (-21, "10:30", "pastoral", 60, "Church office", "done"),
    (-19, "15:00", "hospital", 45, "St. Luke’s Hospital, ward 3", "done"),
    (-17, "09:30", "home", 60, "At home", "cancelled"),
    (-14, "11:00", "pastoral", 60, "Church office", "not met"),
    (-12, "14:30", "home", 75, "At home", "done"),
    (-10, "10:00", "coffee", 60, "Corner Café", "done"),
    (-7, "15:30", "hospital", 45, "County Hospital, reception", "done"),
    (-5, "09:00", "pastoral", 60, "Church office", "done"),
    (-3, "16:00", "home", 60, "At home", "done"),
    (-1, "11:00", "coffee", 60, "Corner Café", "done"),
    (0, "09:30", "hospital", 45, "County Hospital, room 214", "planned"),
    (0, "14:00", "home", 60, "At home", "planned"),
    (0, "16:30", "coffee", 60, "Corner Café", "planned"),
    (1, "10:00", "pastoral", 60, "Church office", "planned"),
    (2, "15:00", "home", 60, "At home", "moved"),
    (4, "11:00", "coffee", 60, "Corner Café", "planned"),
    (5, "14:30", "hospital", 45, "St. Luke’s Hospital, ward 1", "planned"),
    (7, "09:30", "home", 60, "At home", "planned"),
    (9, "16:00", "pastoral", 60, "Church office", "planned"),
    (12, "10:30", "home", 75, "At home", "planned"),
    (15, "15:00", "coffee", 60, "Corner Café", "planned"),
    (20, "11:00", "pastoral", 60, "Church office", "planned"),
]
REPORT = (
    "We spoke for a long time about the months since the funeral. Sleeps badly, eats little, is glad of"
    " company. We prayed together. Asked not to be put on any list; wishes a visit again soon."
)


@demo_part(position=40)
def visits_of_a_month(accounts: dict[str, User]) -> None:
    """Done, planned, moved and cancelled visits of the pastor and the staff, a report, two follow-ups due."""
    calendars.change_calendar(user=accounts["pastor"], hours=HOURS, buffer_minutes=15)
    people = list(Member.objects.exclude(email="").order_by("last_name", "first_name", "id")[:40])
    if not people:
        return
    for number, planned in enumerate(PLANNED):
        who = accounts["staff"] if number % 5 == 4 else accounts["pastor"]
        _visit(people[number * 3 % len(people)], who, number, planned, accounts)
    domain.book_visit(
        user=accounts["staff"],
        visitor_name="Margaret Hale",
        visitor_phone="(217) 555-0142",
        visit_type="home",
        scheduled_datetime=_local(3, "10:00"),
        location="14 Mill Lane",
        notes="Called the office after the service; new in town.",
    )


def _visit(member: Member, who: User, number: int, planned: Any, accounts: dict[str, User]) -> None:
    days, wall, kind, minutes, place, fate = planned
    visit = domain.book_visit(
        user=accounts["staff"],
        member=member,
        assigned_pastor=who,
        visit_type=kind,
        scheduled_datetime=_local(days, wall),
        duration_minutes=minutes,
        location=place,
        outside_hours=True,
    )
    if fate == "done":
        follow_up_on = timezone.localdate() + timedelta(days=number % 3 - 1) if number in {1, 7, 11} else None
        report = REPORT if number in {1, 7} else ""
        domain.complete_visit(visit=visit, user=accounts["pastor"], report=report, follow_up_on=follow_up_on)
    elif fate == "not met":
        domain.complete_visit(visit=visit, user=who, outcome=Visit.Outcome.NOT_MET)
    elif fate == "cancelled":
        domain.cancel_visit(visit=visit, user=who)
    elif fate == "moved":
        domain.reschedule_visit(
            visit=visit, user=who, scheduled_datetime=_local(days + 1, wall), outside_hours=True
        )


def _local(days: int, wall: str) -> datetime:
    zone = ZoneInfo(current_church().timezone)
    day = timezone.now().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time.fromisoformat(wall), zone)
