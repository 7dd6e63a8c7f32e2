"""Nobody is booked twice: the database refuses it, and of a hundred at once one wins."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from accounts.tokens import start_login
from tenants.context import enter_church
from tenants.models import Church
from tests import world
from tests.visits.conftest import at
from visits.calendars import calendar_of, change_calendar
from visits.domain import cancel_visit, change_visit, complete_visit
from visits.models import Visit
from visits.occupying import PastorBookedError, occupied_by


def test_the_database_itself_refuses_it_without_any_extension(in_grace, user):
    alice, anna = user("alice"), user("anna")

    def insert(pastor, start, minutes=60):
        with transaction.atomic():
            Visit.objects.create(
                visitor_name="Zacchaeus", visit_type="home", scheduled_datetime=start,
                assigned_pastor=pastor, occupied=occupied_by(calendar_of(pastor), start, minutes),
            )  # fmt: skip

    insert(alice, at(3, "10:00"))
    insert(alice, at(3, "11:00"))
    insert(anna, at(3, "10:00"))
    for start, minutes in (
        (at(3, "10:00"), 60),
        (at(3, "10:59"), 5),
        (at(3, "09:30"), 31),
        (at(3, "09:00"), 300),
    ):
        with pytest.raises(IntegrityError, match="visits_pastor_never_twice"):
            insert(alice, start, minutes)
    # What is planned for somebody must take their time, whoever writes it.
    with pytest.raises(IntegrityError, match="visits_occupy"), transaction.atomic():
        Visit.objects.create(
            visitor_name="Zacchaeus", visit_type="home", scheduled_datetime=at(4), assigned_pastor=alice
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        assert {name for (name,) in cursor.fetchall()} <= {"plpgsql"}


def test_a_church_made_from_repeated_statements_has_the_rule_too(grace, hope, user):
    def insert(calendar):
        with transaction.atomic():
            Visit.objects.create(
                visitor_name="Zacchaeus", visit_type="home", scheduled_datetime=at(3),
                assigned_pastor=calendar.user, occupied=occupied_by(calendar, at(3), 60),
            )  # fmt: skip

    for church, actor in ((grace, "alice"), (hope, "carol")):
        with enter_church(church):
            calendar = calendar_of(user(actor))
            insert(calendar)
            with pytest.raises(IntegrityError, match="visits_pastor_never_twice"):
                insert(calendar)


def test_the_stretches_of_two_pastors_do_not_meet_at_the_ends_of_time(in_grace, user):
    from visits.values import EARLIEST, LATEST, LONGEST

    first, second = (calendar_of(user(name)) for name in ("alice", "anna"))
    ranges = [
        (occupied.lower, occupied.upper)
        for calendar in sorted((first, second), key=lambda calendar: calendar.number)
        for occupied in (occupied_by(calendar, EARLIEST, LONGEST), occupied_by(calendar, LATEST, LONGEST))
    ]
    assert ranges == sorted(ranges)
    assert all(one[1] <= other[0] for one, other in pairwise(ranges))


def test_a_booked_pastor_is_refused_with_three_free_times(book, grace):
    taken = book(at(3, "10:00"), duration_minutes=90)
    with pytest.raises(PastorBookedError) as refused, enter_church(grace):
        book(at(3, "11:00"))
    alternatives = refused.value.alternatives
    assert len(alternatives) == len(set(alternatives)) == 3
    for start in alternatives:
        assert start + timedelta(hours=1) <= taken.scheduled_datetime or start >= taken.scheduled_datetime + (
            timedelta(minutes=90)
        )
        # Near what was wanted, not somewhere in the next weeks.
        assert abs(start - at(3, "11:00")) < timedelta(hours=6)
        # And free indeed.
    book(alternatives[0])


def test_the_minutes_between_visits_are_kept_free(book, grace, user):
    with enter_church(grace):
        change_calendar(user=user("alice"), buffer_minutes=15)
    book(at(3, "10:00"))
    with pytest.raises(PastorBookedError):
        book(at(3, "11:10"))
    with pytest.raises(PastorBookedError):
        book(at(3, "08:50"))
    book(at(3, "11:15"))
    book(at(3, "08:45"))


def test_what_was_called_off_or_moved_takes_nobodys_time(book, grace, user):
    from visits.domain import reschedule_visit

    first = book(at(3, "10:00"))
    with enter_church(grace):
        moved = reschedule_visit(visit=first, user=user("bob"), scheduled_datetime=at(3, "10:30"))
        cancel_visit(visit=moved, user=user("bob"))
    second = book(at(3, "10:00"))
    with enter_church(grace), pytest.raises(PastorBookedError):
        change_visit(visit=moved, user=user("bob"), status="scheduled")
    with enter_church(grace):
        # Done before its time came: what is left of it is free.
        complete_visit(visit=second, user=user("bob"))
    book(at(3, "10:00"))


def test_a_visit_without_a_pastor_waits_for_one_who_is_free(book, grace, user):
    book(at(3, "10:00"))
    waiting = book(at(3, "10:00"), pastor=None)
    with enter_church(grace):
        with pytest.raises(PastorBookedError):
            change_visit(visit=waiting, user=user("bob"), assigned_pastor=user("alice"))
        changed = change_visit(visit=waiting, user=user("bob"), assigned_pastor=user("anna"))
    assert changed.assigned_pastor == user("anna")


async def bookings(url: str, token: str, body: dict[str, object], count: int) -> list[httpx.Response]:
    headers = {"Host": "grace.localhost", "Authorization": f"Bearer {token}"}
    limits = httpx.Limits(max_connections=count)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, headers=headers) as client:
        return await asyncio.gather(
            *[
                client.post("/api/visits", json={**body, "visitor_name": f"Visitor {number}"})
                for number in range(count)
            ]
        )


@pytest.mark.slow
def test_of_a_hundred_bookings_of_one_hour_at_once_one_wins(own_database, web):
    server = web(own_database, environment={"RATE_LIMIT_SCALE": "100"})
    with enter_church(Church.objects.get(subdomain="grace")):
        alice, bob = (User.objects.get(email=world.email_of(name)) for name in ("alice", "bob"))
        token = start_login(user=bob)["access"]
    body = {
        "visit_type": "home", "scheduled_datetime": at(3, "10:00").isoformat(),
        "assigned_pastor": str(alice.pk),
    }  # fmt: skip
    answers = asyncio.run(bookings(server.url, token, body, 100))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 99}
    for answer in answers:
        if answer.status_code == 409:
            assert answer.headers["Content-Type"] == "application/problem+json"
            offered = [datetime.fromisoformat(text) for text in answer.json()["alternatives"]]
            assert len(offered) == 3
            assert all(abs(start - at(3, "10:00")) >= timedelta(hours=1) for start in offered)
    with enter_church(Church.objects.get(subdomain="grace")):
        assert Visit.objects.count() == 1
