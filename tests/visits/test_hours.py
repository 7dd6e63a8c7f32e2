"""Visiting hours in wall time, and the free times that follow, also on the days when clocks change."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tenants.context import enter_church
from tests.visits.conftest import CHICAGO, at, local
from visits.calendars import change_calendar
from visits.hours import (
    WorkingHours,
    checked_free_days,
    checked_hours,
    free_starts,
    spans_as_text,
    spans_from_text,
)

EVERY_DAY = {str(day): [["09:00", "12:00"], ["13:00", "17:00"]] for day in range(1, 8)}
ZONES = ["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe"]
# The days on which clocks change in each, and how many hours there are from midnight to midnight.
CHANGES = [
    ("America/Chicago", date(2026, 3, 8), 23), ("America/Chicago", date(2026, 11, 1), 25),
    ("Europe/Berlin", date(2026, 3, 29), 23), ("Europe/Berlin", date(2026, 10, 25), 25),
    ("Australia/Lord_Howe", date(2026, 10, 4), 23.5), ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "day", "length"), CHANGES)
def test_nine_o_clock_is_nine_o_clock_on_the_days_when_clocks_change(zone, day, length):
    hours = WorkingHours(ZoneInfo(zone), {**EVERY_DAY, "7": [["00:00", "24:00"]]}, [])
    assert day.isoweekday() == 7
    ((start, end),) = hours.spans_of(day)
    assert end - start == timedelta(hours=length)
    weekday = WorkingHours(ZoneInfo(zone), EVERY_DAY, [])
    walls = [f"{at.astimezone(weekday.zone):%H:%M}" for span in weekday.spans_of(day) for at in span]
    assert walls == ["09:00", "12:00", "13:00", "17:00"]


def test_free_times_lie_in_the_hours_and_beside_what_is_taken():
    hours = WorkingHours(CHICAGO, EVERY_DAY, [["2026-06-02", "2026-06-02"]])
    taken = [(local(2026, 6, 1, "10:00"), local(2026, 6, 1, "11:15"))]
    found = free_starts(hours, after=local(2026, 6, 1, "08:00"), taken=taken, minutes=60, buffer_minutes=15)
    walls = [f"{start.astimezone(CHICAGO):%d %H:%M}" for start in islice(found, 5)]
    # Ten o'clock is taken, and at a quarter past nine there would be no breath before it.
    assert walls == ["01 13:00", "01 14:15", "01 15:30", "03 09:00", "03 10:15"]


@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(min_value=local(2026, 1, 1, "00:00").replace(tzinfo=None),
                       max_value=local(2027, 1, 1, "00:00").replace(tzinfo=None)),
    minutes=st.integers(5, 480),
    buffer_minutes=st.integers(0, 60),
    busy=st.lists(st.tuples(st.integers(0, 20_000), st.integers(5, 600)), max_size=20),
)  # fmt: skip
def test_whatever_is_taken_no_free_time_touches_it(zone, start, minutes, buffer_minutes, busy):
    hours = WorkingHours(ZoneInfo(zone), EVERY_DAY, [])
    after = start.replace(tzinfo=UTC)
    taken = [
        (after + timedelta(minutes=offset), after + timedelta(minutes=offset + length))
        for offset, length in busy
    ]
    found = list(
        islice(
            free_starts(hours, after=after, taken=taken, minutes=minutes, buffer_minutes=buffer_minutes), 10
        )
    )
    for begin in found:
        end = begin + timedelta(minutes=minutes + buffer_minutes)
        assert begin >= after
        assert not [span for span in taken if span[0] < end and begin < span[1]]
        assert hours.include(begin, begin + timedelta(minutes=minutes))
    assert all(
        second - first >= timedelta(minutes=minutes + buffer_minutes) for first, second in pairwise(found)
    )


def test_outside_of_the_hours_is_refused_unless_it_is_meant(book, grace, user):
    with enter_church(grace):
        change_calendar(user=user("alice"), hours=EVERY_DAY, free_days=[[f"{at(5):%F}", f"{at(6):%F}"]])
    book(at(3, "09:00"))
    for when in (at(3, "08:59"), at(3, "11:30"), at(3, "12:30"), at(5, "10:00"), at(6, "16:00")):
        with pytest.raises(ValidationError) as refused:
            book(when)
        assert refused.value.error_dict["scheduled_datetime"][0].code == "outside_hours"
    book(at(3, "20:00"), outside_hours=True)
    book(at(5, "10:00"), outside_hours=True)


def test_who_has_said_no_hours_is_visited_with_at_any_time(book):
    book(at(3, "03:00"))


def test_a_pastors_own_zone_counts(book, grace, user):
    with enter_church(grace):
        change_calendar(user=user("alice"), hours=EVERY_DAY, timezone="Asia/Tokyo")
    book(at(3, "09:00", ZoneInfo("Asia/Tokyo")))
    with pytest.raises(ValidationError):
        book(at(3, "09:00"))


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("9-12", [["09:00", "12:00"]]),
        ("13:30–17, 09:00 - 12:00", [["09:00", "12:00"], ["13:30", "17:00"]]),
        ("20:00–24:00", [["20:00", "24:00"]]),
    ],
)
def test_hours_are_read_as_people_write_them(text, spans):
    assert spans_from_text(text) == spans
    assert spans_from_text(spans_as_text(spans)) == spans


@pytest.mark.parametrize(
    "text", ["9", "12-9", "9-9", "9-25", "8-10, 9-11", "9-10-11", "nine to five", "٩-١٢"]
)
def test_what_is_no_span_is_refused(text):
    with pytest.raises(ValidationError):
        spans_from_text(text)


@pytest.mark.parametrize(
    "value", [[], {"8": []}, {"1": "9-12"}, {"1": [["9:00", "12:00"]]}, {"1": [["09:00"]]}]
)
def test_hours_of_another_shape_are_refused(value):
    with pytest.raises(ValidationError):
        checked_hours(value)


@pytest.mark.parametrize("value", [{}, ["2026-01-01"], [["2026-01-02", "2026-01-01"]], [["x", "y"]]])
def test_free_days_of_another_shape_are_refused(value):
    with pytest.raises(ValidationError):
        checked_free_days(value)
