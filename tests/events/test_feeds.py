"""Calendars: read the same by another program, versioned, for everybody and for one user."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.test import Client

from accounts.models import User
from events.domain import change_event, create_event
from events.feeds.documents import document_of
from events.models import CalendarFeed, Event
from events.occurrences import between
from events.recurrence import to_instant
from tests.events.conftest import staying

ZONES = ["America/Chicago", "Europe/Berlin", "Australia/Sydney"]
RULES = ["FREQ=WEEKLY;BYDAY=SU", "FREQ=MONTHLY;BYDAY=2SU", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;COUNT=9"]
FROM, UNTIL = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def read_by_another_program(text: str) -> list[tuple[datetime, datetime, str]]:
    """What the library ``ical`` makes of a calendar."""
    from ical.calendar_stream import IcsCalendarStream

    with warnings.catch_warnings():
        # Its dependencies' own.
        warnings.simplefilter("ignore")
        calendar = IcsCalendarStream.calendar_from_ics(text)
        found = []
        for one in calendar.timeline:
            if one.dtstart >= UNTIL:
                break
            found.append((one.dtstart.astimezone(UTC), one.dtend.astimezone(UTC), one.summary))
    return sorted(found)


def document(church):
    return document_of(Event.objects.all(), church, name=church.name).decode()


@pytest.mark.parametrize("zone", ZONES)
def test_another_program_reads_every_date_as_we_do_across_both_changes(in_grace, zone):
    """With a date of another time, one of another title and one that is cancelled in each series."""
    for rule in RULES:
        # A Sunday, the second of its month.
        start = to_instant(datetime(2027, 1, 10, 10), zone)  # noqa: DTZ001 - a clock on the wall
        event = create_event(
            title=rule,
            start_datetime=start,
            end_datetime=start + timedelta(hours=2),
            timezone=zone,
            recurrence=rule,
        )
        dates = event.series.first_from(start, most=5)
        change_event(event=event, scope="one", occurrence_start=dates[1], title="Another")
        moved = {
            "start_datetime": dates[2] + timedelta(hours=3),
            "end_datetime": dates[2] + timedelta(hours=4),
        }
        change_event(event=event, scope="one", occurrence_start=dates[2], **moved)
        change_event(event=event, scope="one", occurrence_start=dates[3], status="cancelled")
    ours = [
        (one.start, one.end, one.title)
        for one in between(Event.objects.all(), FROM, UNTIL)
        if not one.is_cancelled and one.start < UNTIL
    ]
    text = document(in_grace)
    assert read_by_another_program(text) == sorted(ours)
    assert len(ours) > 100
    zones = [part["tzid"] for part in icalendar.Calendar.from_ical(text).walk("VTIMEZONE")]
    assert zones == [zone]


def test_the_id_stays_and_the_number_of_change_rises(new_event, in_grace):
    event = new_event(recurrence="FREQ=WEEKLY")

    def told():
        return [
            (str(part["uid"]), part["sequence"], "recurrence-id" in part)
            for part in icalendar.Calendar.from_ical(document(in_grace)).walk("VEVENT")
        ]

    assert told() == [(str(event.pk), 0, False)]
    change_event(event=event, title="Other")
    change_event(event=event, scope="one", occurrence_start=event.start_datetime, title="One")
    assert told() == [(str(event.pk), 2, False), (str(event.pk), 2, True)]


def test_what_is_cancelled_stands_there_as_cancelled(new_event, in_grace):
    event = new_event(title="Off, and; with\nsigns")
    change_event(event=event, status="cancelled")
    part = icalendar.Calendar.from_ical(document(in_grace)).walk("VEVENT")[0]
    assert (part["status"], part["summary"]) == ("CANCELLED", "Off, and; with signs")


def test_everybodys_calendar_holds_what_everybody_may_see_and_is_sent_once(new_event, visitor):
    event = new_event(title="Open")
    new_event(title="Closed", visibility="members")
    answer = visitor.get("/events/feed.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    assert b"SUMMARY:Open" in answer.content
    assert b"Closed" not in answer.content
    again = visitor.get("/events/feed.ics", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    change_event(event=event, title="Opened")
    changed = visitor.get("/events/feed.ics", HTTP_IF_NONE_MATCH=f"W/{answer['ETag']}")
    assert b"SUMMARY:Opened" in changed.content
    Event.objects.filter(title="Opened").delete()
    assert visitor.get("/events/feed.ics", HTTP_IF_NONE_MATCH=changed["ETag"]).status_code == 200


def test_a_users_secret_address_is_told_once_and_ends(new_event, api, visitor, user, in_grace):
    new_event(title="Choir", visibility="members")
    new_event(title="Salaries", visibility="staff")
    vera = api("vera")
    assert vera.get("/api/events/calendar-feed").json() == {"url": None, "created_at": None}
    made = vera.post("/api/events/calendar-feed")
    url = made.json()["url"]
    path = url[url.index("/events/") :]
    assert b"Choir" in visitor.get(path).content
    assert b"Salaries" not in visitor.get(path).content
    secret = path.rpartition("/")[2].removesuffix(".ics")
    assert secret not in str(list(CalendarFeed.objects.values()))
    assert vera.get("/api/events/calendar-feed").json()["url"] is None
    another = vera.post("/api/events/calendar-feed").json()["url"]
    assert visitor.get(path).status_code == 404
    path = another[another.index("/events/") :]
    assert staying(Client(HTTP_HOST="hope.localhost"), in_grace).get(path).status_code == 404
    User.objects.filter(pk=user("vera").pk).update(is_active=False)
    assert visitor.get(path).status_code == 404
    User.objects.filter(pk=user("vera").pk).update(is_active=True)
    assert visitor.get(path).status_code == 200
    assert api("vera").delete("/api/events/calendar-feed").status_code == 204
    assert visitor.get(path).status_code == 404


def test_a_program_gets_the_calendar_with_a_token(new_event, api):
    new_event(title="Salaries", visibility="staff")
    answer = api("bob").get("/api/events/calendar.ics", HTTP_ACCEPT="text/calendar")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert b"Salaries" in answer.content
    assert api("bob").get("/api/events/calendar.ics", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
