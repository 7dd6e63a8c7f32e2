"""Series: one date, this and the following, all; and what becomes of who is registered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.domain import change_event, create_event, duplicate_event, remove_event
from events.models import Event, EventException, EventRegistration
from events.occurrences import between, next_occurrence, occurrence_at
from events.recurrence import to_instant, to_wall
from events.registrations.domain import register
from events.words import repetition_of
from tests.events.conftest import in_days

ZONE = "America/Chicago"


@pytest.fixture
def series(new_event):
    """Every week from a week from now at ten in Chicago."""
    wall = to_wall(in_days(7), ZONE).replace(hour=10)
    start = to_instant(wall, ZONE)
    return new_event(start_datetime=start, timezone=ZONE, recurrence="FREQ=WEEKLY", max_attendees=2)


def dates(event, days=60):
    return [
        (one.start, one.title)
        for one in between(Event.objects.filter(pk=event.pk), timezone.now(), in_days(days))
    ]


def starts_of(event, most=6):
    return event.series.first_from(event.start_datetime, most=most)


def registered(event, start, name="Ann"):
    return register(event=event, occurrence_start=start, name=name, email=f"{name.lower()}@guests.example")


def test_one_date_has_a_time_a_title_and_places_of_its_own(series, mails):
    second = starts_of(series)[1]
    row = registered(series, second)
    mails()
    later = second + timedelta(hours=3)
    change_event(
        event=series, scope="one", occurrence_start=second, title="Outdoors", start_datetime=later,
        end_datetime=later + timedelta(hours=1), max_attendees=0,
    )  # fmt: skip
    assert mails() == [("ann@guests.example", "Changed: Outdoors")]
    one = occurrence_at(series, second)
    assert (one.start, one.title, one.max_attendees) == (later, "Outdoors", 0)
    assert dates(series)[:3] == [
        (starts_of(series)[0], "Picnic"), (later, "Outdoors"), (starts_of(series)[2], "Picnic"),
    ]  # fmt: skip
    assert registered(series, second, "Ben").status == "waitlisted"
    assert EventRegistration.objects.get(pk=row.pk).occurrence_start == second


def test_a_date_that_is_again_as_the_others_has_nothing_of_its_own(series):
    second = starts_of(series)[1]
    change_event(event=series, scope="one", occurrence_start=second, title="Outdoors")
    change_event(event=series, scope="one", occurrence_start=second, title="Picnic")
    assert not EventException.objects.exists()


def test_one_date_is_cancelled_and_the_next_is_offered(series, mails):
    first, second = starts_of(series)[:2]
    registered(series, first)
    mails()
    remove_event(event=series, scope="one", occurrence_start=first)
    assert mails() == [("ann@guests.example", "Cancelled: Picnic")]
    assert next_occurrence(series).start == second
    assert register(event=series, name="Ben", email="ben@guests.example").occurrence_start == second
    with pytest.raises(ValidationError, match="is cancelled"):
        registered(series, first, "Cid")


def test_what_all_dates_share_is_not_changed_on_one(series):
    second = starts_of(series)[1]
    for values in ({"visibility": "staff"}, {"timezone": "Europe/Berlin"}, {"recurrence": ""}):
        with pytest.raises(ValidationError, match="same on all dates"):
            change_event(event=series, scope="one", occurrence_start=second, **values)
    # All fields as they were read, with one of them changed.
    same = {
        name: getattr(series, name) for name in ("start_datetime", "end_datetime", "timezone", "recurrence")
    }
    change_event(event=series, scope="one", occurrence_start=second, title="Outdoors", **same)
    assert occurrence_at(series, second).start == second


def test_this_and_the_following_become_an_event_of_their_own(series, mails):
    starts = starts_of(series)
    rows = [registered(series, start) for start in starts[:4]]
    change_event(event=series, scope="one", occurrence_start=starts[3], title="Outdoors")
    mails()
    wall = to_wall(starts[2], ZONE).replace(hour=18)
    evening = to_instant(wall, ZONE)
    new = change_event(
        event=series, scope="following", occurrence_start=starts[2], start_datetime=evening,
        end_datetime=evening + timedelta(hours=2),
    )  # fmt: skip
    series.refresh_from_db()
    assert new.split_from == series
    assert starts_of(series) == starts[:2]
    assert {to_wall(start, ZONE).hour for start in starts_of(new)} == {18}
    assert [EventRegistration.objects.get(pk=row.pk).event_id for row in rows] == [series.pk] * 2 + [
        new.pk
    ] * 2
    moved = [EventRegistration.objects.get(pk=row.pk).occurrence_start for row in rows]
    assert moved == [*starts[:2], *starts_of(new)[:2]]
    assert [title for _, title in dates(new)[:2]] == ["Picnic", "Outdoors"]
    assert mails() == [("ann@guests.example", "Changed: Picnic"), ("ann@guests.example", "Changed: Outdoors")]
    assert series.sequence > 0


def test_a_count_is_shared_by_the_two_parts(new_event):
    series = new_event(recurrence="FREQ=WEEKLY;COUNT=5")
    new = change_event(event=series, scope="following", occurrence_start=starts_of(series)[2], title="New")
    series.refresh_from_db()
    assert (len(starts_of(series, 9)), len(starts_of(new, 9))) == (2, 3)


def test_all_dates_move_to_another_time_and_day(series, mails):
    starts = starts_of(series)
    rows = [registered(series, start) for start in starts[:3]]
    mails()
    wall = to_wall(starts[1], ZONE) + timedelta(days=1, hours=2)
    there = to_instant(wall, ZONE)
    change_event(
        event=series,
        occurrence_start=starts[1],
        start_datetime=there,
        end_datetime=there + timedelta(hours=2),
    )
    series.refresh_from_db()
    assert to_wall(series.start_datetime, ZONE) == to_wall(starts[0], ZONE) + timedelta(days=1, hours=2)
    assert [EventRegistration.objects.get(pk=row.pk).occurrence_start for row in rows] == starts_of(series)[
        :3
    ]
    assert len(mails()) == 3


def test_who_was_registered_for_a_date_that_is_gone_is_told(series, mails):
    starts = starts_of(series)
    rows = [registered(series, start, name) for start, name in zip(starts, ("Ann", "Ben"), strict=False)]
    mails()
    change_event(event=series, recurrence="FREQ=WEEKLY;INTERVAL=2")
    assert mails() == [("ben@guests.example", "Cancelled: Picnic")]
    assert [EventRegistration.objects.get(pk=row.pk).status for row in rows] == ["registered", "cancelled"]


def test_the_end_of_a_series_is_cut_off(series, mails):
    starts = starts_of(series)
    registered(series, starts[1], "Ann")
    registered(series, starts[3], "Ben")
    mails()
    remove_event(event=series, scope="following", occurrence_start=starts[2])
    series.refresh_from_db()
    assert starts_of(series) == starts[:2]
    assert mails() == [("ben@guests.example", "Cancelled: Picnic")]
    remove_event(event=series)
    assert mails() == [("ann@guests.example", "Cancelled: Picnic")]
    assert not Event.objects.exists()


def test_a_wrong_date_or_none_is_refused(series):
    with pytest.raises(ValidationError, match="Say which date"):
        change_event(event=series, scope="one", title="x")
    with pytest.raises(ValidationError, match="does not take place"):
        change_event(event=series, scope="one", occurrence_start=timezone.now(), title="x")
    with pytest.raises(ValidationError, match="one, following or all"):
        change_event(event=series, scope="some", title="x")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"end_datetime": in_days(6)}, "end_datetime"), ({"end_datetime": in_days(7)}, "end_datetime"),
        ({"end_datetime": in_days(900)}, "end_datetime"), ({"title": " "}, "title"),
        ({"max_attendees": -1}, "max_attendees"), ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"recurrence": "often"}, "recurrence"), ({"visibility": "angels"}, "visibility"),
        ({"reminder_hours": 0}, "reminder_hours"), ({"owner": "x"}, "owner"),
        ({"end_datetime": datetime(2030, 1, 1)}, "end_datetime"),  # noqa: DTZ001 - that is what is refused
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_field(in_grace, values, field):
    given = {"title": "x", "start_datetime": in_days(7), "end_datetime": in_days(7, 18)}
    with pytest.raises(ValidationError) as refusal:
        create_event(**{**given, **values})
    assert list(refusal.value.message_dict) == [field]


def test_a_copy_is_a_week_later_without_people_and_repetition(series, user):
    registered(series, starts_of(series)[0])
    copy = duplicate_event(event=series, created_by=user("bob"))
    assert (copy.title, copy.recurrence, copy.registrations.count()) == ("Picnic", "", 0)
    assert to_wall(copy.start_datetime, ZONE) == to_wall(series.start_datetime, ZONE) + timedelta(days=7)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY", "Every week on Sunday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE", "Every 2 weeks on Wednesday and Sunday"),
        ("FREQ=MONTHLY;BYDAY=2SU", "Every month on the second Sunday"),
        ("FREQ=MONTHLY;UNTIL=20290101", "Every month on day 14, until Jan. 1, 2029"),
        ("FREQ=YEARLY;COUNT=3", "Every year on day 14, March, 3 times"),
        ("FREQ=DAILY", "Every day"),
    ],
)
def test_a_rule_is_said_in_words(in_grace, rule, words):
    # The second Sunday of March 2027.
    start = datetime(2027, 3, 14, 15, tzinfo=UTC)
    event = create_event(
        title="x",
        start_datetime=start,
        end_datetime=start + timedelta(hours=1),
        timezone=ZONE,
        recurrence=rule,
    )
    assert repetition_of(event).replace("January", "Jan.") == words


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_edited_nobody_gets_lost(in_grace, data):
    """After any edits every active registration is for a date that there is, and nobody has two."""
    Event.objects.all().delete()
    start = to_instant(to_wall(in_days(7), ZONE).replace(hour=10), ZONE)
    rule = data.draw(st.sampled_from(["FREQ=WEEKLY", "FREQ=DAILY;INTERVAL=2", "FREQ=MONTHLY;COUNT=9"]))
    event = create_event(
        title="x",
        start_datetime=start,
        end_datetime=start + timedelta(hours=1),
        timezone=ZONE,
        recurrence=rule,
    )
    made = [registered(event, day, name) for day in starts_of(event, 4) for name in ("Ann", "Ben")]
    for _step in range(data.draw(st.integers(1, 4))):
        events = list(Event.objects.order_by("created_at"))
        event = events[data.draw(st.integers(0, 20)) % len(events)]
        places = starts_of(event, 4)
        place = places[data.draw(st.integers(0, 3)) % len(places)]
        drawn = data.draw(st.sampled_from(["one", "following", "all"]))
        scope = drawn if event.recurrence else "all"
        wall = to_wall(place, ZONE) + timedelta(
            days=data.draw(st.integers(0, 9)), minutes=data.draw(st.integers(0, 600))
        )
        values = {"start_datetime": to_instant(wall, ZONE)}
        values["end_datetime"] = values["start_datetime"] + timedelta(hours=data.draw(st.integers(1, 30)))
        change_event(event=event, scope=scope, occurrence_start=place if event.recurrence else None, **values)
    rows = EventRegistration.objects.filter(pk__in=[row.pk for row in made]).select_related("event")
    assert len(rows) == len(made)
    active = [row for row in rows if row.status != "cancelled"]
    assert len({(row.event_id, row.occurrence_start, row.email) for row in active}) == len(active)
    for row in active:
        assert occurrence_at(row.event, row.occurrence_start) is not None
    for row in EventException.objects.select_related("event"):
        assert row.event.series.has(row.recurrence_id)
        assert row.event.last_end is None or row.event.last_end >= row.end_datetime
    if rule.startswith(("FREQ=WEEKLY", "FREQ=DAILY")):
        assert len(active) == len(made), "a series that only moves loses nobody"
