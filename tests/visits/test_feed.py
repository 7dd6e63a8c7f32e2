"""A pastor's secret calendar for other devices: discreet, told of changes, ended at will."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from django.test import Client
from ical.calendar_stream import IcsCalendarStream

from core.logs import without_secrets
from members.models import Member
from tenants.context import enter_church
from tests.visits.conftest import at
from visits import domain
from visits.calendars import change_calendar, make_feed_link, revoke_feed_link
from visits.models import PastorCalendar


@pytest.fixture
def ada(grace):
    with enter_church(grace):
        return Member.objects.get(last_name="Lovelace")


@pytest.fixture
def secret(grace, user):
    with enter_church(grace):
        return make_feed_link(user=user("alice"))


def read(secret, host="grace.localhost", **headers):
    return Client(HTTP_HOST=host).get(f"/visits/calendar/{secret}.ics", headers=headers)


def events(secret):
    """The events as another program reads them."""
    return IcsCalendarStream.calendar_from_ics(read(secret).content.decode()).events


def test_it_names_nobody_and_is_read_by_another_program(book, ada, secret, grace, user):
    book(at(3, "10:00"), member=ada, location="Ward 3", notes="Bring the hymn book")
    book(at(4, "10:00"), location="At the house of Zacchaeus")
    book(at(5, "10:00"), pastor="anna")
    answer = read(secret)
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    for word in ("Lovelace", "Ada", "Zacchaeus", "hymn"):
        assert word not in text
    assert "BEGIN:VTIMEZONE" in text
    assert "TZID=America/Chicago" in text
    first, second = events(secret)
    assert (first.summary, first.location, second.location) == ("Visit", "Ward 3", None)
    assert first.dtstart.astimezone(UTC) == at(3, "10:00").astimezone(UTC)
    assert first.dtend - first.dtstart == timedelta(hours=1)
    with enter_church(grace):
        change_calendar(user=user("alice"), shows_initials=True)
    assert events(secret)[0].summary == "Visit A.L."


def test_a_moved_visit_is_the_same_event_with_a_higher_sequence(book, secret, grace, user):
    visit = book(at(3))
    (before,) = events(secret)
    with enter_church(grace):
        moved = domain.reschedule_visit(visit=visit, user=user("bob"), scheduled_datetime=at(4))
    (after,) = events(secret)
    assert (after.uid, after.sequence) == (before.uid, before.sequence + 1)
    assert after.dtstart - before.dtstart >= timedelta(hours=23)
    with enter_church(grace):
        domain.cancel_visit(visit=moved, user=user("bob"))
    (gone,) = events(secret)
    assert (gone.uid, gone.sequence, gone.status) == (before.uid, before.sequence + 2, "CANCELLED")


def test_who_has_it_as_it_is_need_not_read_it_again(book, secret):
    book(at(3))
    first = read(secret)
    assert read(secret).content == first.content
    unchanged = read(secret, if_none_match=f'W/{first["ETag"]}, "other"')
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", first["ETag"])
    book(at(4))
    assert read(secret, if_none_match=first["ETag"]).status_code == 200


def test_the_address_ends_with_a_new_one_or_at_will_or_with_the_role(secret, grace, user, hope):
    assert read(secret).status_code == 200
    assert read(secret, host="hope.localhost").status_code == 404
    assert read("x").status_code == read("").status_code == 404
    with enter_church(grace):
        assert secret not in str(PastorCalendar.objects.values())
        second = make_feed_link(user=user("alice"))
    assert (read(secret).status_code, read(second).status_code) == (404, 200)
    with enter_church(grace):
        alice = user("alice")
        alice.role = "volunteer"
        alice.save()
    assert read(second).status_code == 404
    with enter_church(grace):
        alice.role = "pastor"
        alice.save()
        revoke_feed_link(user=alice)
    assert read(second).status_code == 404


def test_the_secret_is_not_logged(secret):
    assert without_secrets(f"/visits/calendar/{secret}.ics") == "/visits/calendar/[hidden].ics"
