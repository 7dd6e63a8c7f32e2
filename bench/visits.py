"""The calendar of a month with 2,000 visits, beside that of a month without any."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import client, database
from tenants.context import enter_church
from tenants.models import Church

SUBDOMAIN = "visited"
VISITS = 2_000
FULL, EMPTY = "2026-05-15", "2031-05-15"
PAGE = "/admin/visits/visit/calendar/?day="
API = "/api/visits/calendar?start={0}-01&end={0}-31"


def church_with_visits() -> Church:
    """A church of 1,000 people in which 40 people visit; made where it is missing."""
    from accounts.domain import create_user
    from accounts.models import User
    from members.models import Member
    from visits.calendars import calendar_of
    from visits.models import Visit
    from visits.occupying import occupied_by

    church = database.church_with(SUBDOMAIN, 1_000)
    with enter_church(church):
        if Visit.objects.exists():
            return church
        for number in range(40):
            create_user(email=f"pastor{number}@{SUBDOMAIN}.example", role="pastor", first_name="Pastor")
        calendars = [calendar_of(user) for user in User.objects.filter(role="pastor")]
        people = list(Member.objects.values_list("pk", flat=True))
        choice = random.Random(7)
        made = []
        for number in range(VISITS):
            calendar, turn = calendars[number % 40], number // 40
            start = datetime(2026, 5, 1, 14, tzinfo=UTC) + timedelta(
                days=turn * 31 // 50, hours=2 * (turn % 4)
            )
            made.append(
                Visit(
                    member_id=choice.choice(people), visit_type=choice.choice(["home", "hospital", "coffee"]),
                    scheduled_datetime=start, duration_minutes=45, location=f"{number} Oak Street",
                    assigned_pastor=calendar.user, occupied=occupied_by(calendar, start, 45),
                )
            )  # fmt: skip
        Visit.objects.bulk_create(made, batch_size=500)
    return church


def cookie_of(church: Church) -> str:
    """The session cookie of the church's administrator in a browser."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User

    with enter_church(church):
        browser = Client(HTTP_HOST=church.host)
        browser.force_login(User.objects.get(email=f"admin@{SUBDOMAIN}.example"))
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def measured(port: int, seconds: float) -> dict[str, tuple[float, float]]:
    """Medians in milliseconds of page and API: with all visits, and with none."""
    church = church_with_visits()
    token, cookie = database.token_of(church), cookie_of(church)

    def median(path: str, **credentials: Any) -> float:
        message = client.request_bytes(path, church.host, **credentials)
        client.one(port, message)
        return client.load(port, message, connections=1, seconds=seconds).median

    return {
        "page": (median(PAGE + FULL, cookie=cookie), median(PAGE + EMPTY, cookie=cookie)),
        "API": (median(API.format(FULL[:7]), token=token), median(API.format(EMPTY[:7]), token=token)),
    }
