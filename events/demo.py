"""Events of the demo's churches: a month around today, with who came and who is expected."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from members.demo.parts import demo_part
from members.models import Member
from tenants.context import current_church

from .domain import cancel_event, change_event, create_event
from .models import Event
from .recurrence import to_instant, to_wall
from .registrations.domain import record_attendance, register

SUNDAY, WEDNESDAY, FRIDAY = 6, 2, 4
WEEKS_BACK = 4
WEEKEND_PLACES = 12
GUESTS = [("Miriam Castle", "miriam@visitors.example"), ("Tom Ferry", "tom@visitors.example")]


def _day(weekday: int, weeks: int) -> Any:
    """That day of the week, so many weeks from now on the church's calendar."""
    today = to_wall(timezone.now(), current_church().timezone).date()
    return today + timedelta(days=(weekday - today.weekday()) % 7, weeks=weeks)


def _span(day: Any, begin: time, hours: float) -> dict[str, datetime]:
    start = to_instant(datetime.combine(day, begin), current_church().timezone)
    return {"start_datetime": start, "end_datetime": start + timedelta(hours=hours)}


@demo_part(position=20)
def events(accounts: dict[str, User]) -> None:
    """Services with who was there, a group, a full weekend with a wait list, a meeting of the staff."""
    people = list(Member.objects.living().order_by("created_at", "id"))
    pastor = accounts.get("pastor")
    service = create_event(
        title="Sunday service",
        description="Coffee afterwards in the hall. Children have a programme of their own.",
        event_type="service",
        location="Main church",
        recurrence="FREQ=WEEKLY;BYDAY=SU",
        created_by=pastor,
        **_span(_day(SUNDAY, -WEEKS_BACK), time(10), 1.5),
    )
    group = create_event(
        title="Home group",
        event_type="group",
        location="At the Okafors’",
        visibility=Event.Visibility.MEMBERS,
        recurrence="FREQ=WEEKLY;BYDAY=WE",
        reminder_hours=24,
        created_by=accounts.get("staff"),
        **_span(_day(WEDNESDAY, -WEEKS_BACK), time(19, 30), 2),
    )
    _record(service, people, several=19)
    _record(group, people[5:], several=6)
    ahead = service.series.first_from(timezone.now(), most=3)
    change_event(event=service, scope="one", occurrence_start=ahead[2], title="Sunday service in the park")
    cancel_event(
        event=group, scope="one", occurrence_start=group.series.first_from(timezone.now(), most=3)[2]
    )
    _weekend(people, accounts)
    create_event(
        title="Staff meeting",
        event_type="meeting",
        location="Office",
        visibility=Event.Visibility.STAFF,
        recurrence="FREQ=MONTHLY;BYDAY=1TU",
        created_by=pastor,
        **_span(_first_tuesday(), time(9), 1),
    )


def _first_tuesday() -> Any:
    first = _day(SUNDAY, 3).replace(day=1)
    return first + timedelta(days=(1 - first.weekday()) % 7)


def _record(event: Event, people: list[Member], *, several: int) -> None:
    """Who came on each date that is over: some more, some fewer, not always the same."""
    past = event.series.starts(event.start_datetime, timezone.now() - event.duration)
    for week, start in enumerate(past):
        for person in people[week : week + several + week % 3]:
            record_attendance(event=event, occurrence_start=start, member=person)


def _weekend(people: list[Member], accounts: dict[str, User]) -> None:
    weekend = create_event(
        title="Youth weekend",
        description="Two nights at the lake. Bring a sleeping bag and good shoes.",
        event_type="youth",
        location="Camp at the lake",
        max_attendees=WEEKEND_PLACES,
        registration_required=True,
        reminder_hours=48,
        created_by=accounts.get("staff"),
        **_span(_day(FRIDAY, 2), time(18), 42),
    )
    for person in people[: WEEKEND_PLACES + 1]:
        register(event=weekend, member=person)
    for name, email in GUESTS:
        register(event=weekend, name=name, email=email, notes="Vegetarian" if name.startswith("M") else "")
