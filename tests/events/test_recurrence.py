"""When series take place: by the clocks of their zone, as dateutil and another reader of calendars say."""

# ruff: noqa: DTZ001 - what a clock on the wall shows has no zone

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from django.core.exceptions import ValidationError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from events.recurrence import WEEKDAYS, Series, in_safe_order, moved, series_of, split, to_instant, to_wall

ZONES = ["America/Chicago", "Europe/Berlin", "Australia/Sydney"]
# Both changes of 2026 in each zone: the gap and the hour that comes twice.
CHANGES = [
    ("America/Chicago", datetime(2026, 3, 8, 2, 30), "2026-03-08T08:30"),
    ("America/Chicago", datetime(2026, 11, 1, 1, 30), "2026-11-01T06:30"),
    ("Europe/Berlin", datetime(2026, 3, 29, 2, 30), "2026-03-29T01:30"),
    ("Europe/Berlin", datetime(2026, 10, 25, 2, 30), "2026-10-25T00:30"),
    ("Australia/Sydney", datetime(2026, 10, 4, 2, 30), "2026-10-03T16:30"),
    ("Australia/Sydney", datetime(2026, 4, 5, 2, 30), "2026-04-04T15:30"),
]
RULES = [
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;BYDAY=SA,SU", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=SU,WE",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU", "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,SA;WKST=SU", "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYDAY=2SU", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=8,29", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
]  # fmt: skip


def first_date(rule: str, wall: datetime, zone: str) -> datetime:
    """The first wall time from ``wall`` on that the rule itself gives."""
    return next(iter(rrule.rrulestr(rule, dtstart=wall)))


def as_dateutil_says(rule: str, wall: datetime, zone: str, until: datetime) -> list[datetime]:
    """What dateutil makes of the same rule with times that know their zone."""
    aware = rrule.rrulestr(rule, dtstart=wall.replace(tzinfo=ZoneInfo(zone)))
    found = []
    for start in aware:
        instant = start.replace(fold=0).astimezone(UTC)
        if instant >= until:
            return found
        found.append(instant)
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("rule", RULES)
def test_it_matches_dateutil_across_both_changes_of_the_clocks(zone, rule):
    for begin in (datetime(2026, 1, 1, 10), datetime(2026, 2, 1, 2, 30), datetime(2026, 2, 3, 23, 59)):
        wall = first_date(rule, begin, zone)
        if to_wall(to_instant(wall, zone), zone) != wall:
            # The clocks never show it, so no event can begin with it.
            continue
        series = series_of(start=to_instant(wall, zone), zone=zone, recurrence=rule)
        end = series.start + timedelta(days=800)
        assert series.starts(series.start, end) == as_dateutil_says(rule, wall, zone, end)


@pytest.mark.parametrize("zone", ZONES)
def test_ten_in_the_morning_stays_ten_in_the_morning(zone):
    start = to_instant(datetime(2026, 1, 4, 10), zone)
    series = series_of(start=start, zone=zone, recurrence="FREQ=WEEKLY;BYDAY=SU")
    starts = series.starts(start, start + timedelta(days=365))
    assert {to_wall(one, zone).time().hour for one in starts} == {10}
    assert len({one.hour for one in starts}) == 2, "the hour in UTC changes with the clocks"


@pytest.mark.parametrize(("zone", "wall", "instant"), CHANGES)
def test_a_time_that_does_not_exist_or_comes_twice_is_read_as_the_standard_says(zone, wall, instant):
    before = to_instant(wall - timedelta(days=3), zone)
    series = series_of(start=before, zone=zone, recurrence="FREQ=DAILY")
    assert series.first_from(before, most=4)[3].isoformat().startswith(instant)


rules = st.sampled_from(RULES)
walls = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda wall: wall.replace(second=0, microsecond=0)
)
zones = st.sampled_from([*ZONES, "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia", "UTC"])


@st.composite
def series(draw):
    zone, rule = draw(zones), draw(rules)
    wall = first_date(rule, draw(walls), zone)
    ending = draw(
        st.sampled_from(["", ";COUNT=7", ";COUNT=1", f";UNTIL={(wall + timedelta(days=200)):%Y%m%d}"])
    )
    return series_of(start=to_instant(wall, zone), zone=zone, recurrence=rule + ending)


@settings(max_examples=150, deadline=None)
@given(series(), st.integers(0, 4000), st.integers(1, 200))
def test_a_window_shows_what_the_whole_shows_of_it(one, skip, width):
    after = one.start + timedelta(days=skip)
    before = after + timedelta(days=width)
    whole = [start for start in one.starts(one.start, before) if start >= after]
    assert one.starts(after, before) == whole
    assert whole == sorted(set(whole))
    for start in whole[:3]:
        assert one.has(start)
        assert not one.has(start + timedelta(minutes=1))


@settings(max_examples=80, deadline=None)
@given(series())
def test_a_rule_written_and_read_again_is_the_same(one):
    again = series_of(start=one.start, zone=one.zone, recurrence=one.rule.text())
    assert again == one
    assert one.first_from(one.start) == [one.start]
    last = one.last()
    if last is not None:
        assert one.starts(last + timedelta(seconds=1), last + timedelta(days=4000)) == []


@settings(max_examples=80, deadline=None)
@given(series(), st.integers(1, 5))
def test_the_two_parts_of_a_split_series_are_the_whole(one, place):
    end = one.start + timedelta(days=3000)
    starts = one.starts(one.start, end)
    assume(len(starts) > place)
    before, after = split(one, starts[place])
    first = series_of(start=one.start, zone=one.zone, recurrence=before.text())
    second = series_of(start=starts[place], zone=one.zone, recurrence=after.text())
    assert first.starts(one.start, end) == starts[:place]
    assert second.starts(one.start, end) == starts[place:]


@settings(max_examples=80, deadline=None)
@given(series(), st.integers(0, 23), st.integers(0, 59), st.integers(0, 13))
def test_people_of_a_series_that_moves_to_another_time_stay_together(one, hour, minute, days):
    """Another time of day, and for rules without days another day: no date is lost, no two become one."""
    shift = days if one.rule.text().startswith(("FREQ=DAILY;INTERVAL", "FREQ=WEEKLY;COUNT")) else 0
    wall = (one.wall + timedelta(days=shift)).replace(hour=hour, minute=minute)
    recurrence = one.rule.text()
    assume("UNTIL" not in recurrence)
    new = series_of(start=to_instant(wall, one.zone), zone=one.zone, recurrence=recurrence)
    starts = one.first_from(one.start, most=10)
    places = moved(one, new, starts)
    assert list(places.values()) == new.first_from(new.start, most=len(starts))


def test_dates_of_another_rule_are_found_in_the_same_week_or_are_gone():
    sundays = series_of(
        start=datetime(2026, 3, 1, 16, tzinfo=UTC), zone="America/Chicago", recurrence="FREQ=WEEKLY"
    )
    monday = datetime(2026, 3, 2, 16, tzinfo=UTC)
    starts = sundays.first_from(sundays.start, most=4)
    fortnight = series_of(start=sundays.start, zone=sundays.zone, recurrence="FREQ=WEEKLY;INTERVAL=2")
    assert [place is not None for place in moved(sundays, fortnight, starts).values()] == [
        True,
        False,
        True,
        False,
    ]
    once = Series(monday, sundays.zone)
    assert list(moved(sundays, once, starts).values()) == [monday, None, None, None]


def test_nobody_moves_to_a_place_that_is_not_left_yet():
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 6)]
    pairs = dict(pairwise(days))
    there = set(pairs)
    for old, new in in_safe_order(pairs):
        assert new not in there
        there = there - {old} | {new}
    assert there == set(days[1:])


@pytest.mark.parametrize(
    "rule",
    [
        "weekly", "FREQ=HOURLY", "FREQ=WEEKLY;BYHOUR=3", "FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;INTERVAL=100",
        "FREQ=WEEKLY;COUNT=0", "FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "FREQ=WEEKLY;BYDAY=2SU", "=;=", "FREQ",
        "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYDAY=6SU", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=WEEKLY;UNTIL=x",
        "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=WEEKLY;UNTIL=20200101", "FREQ=WEEKLY;FREQ=DAILY", "A" * 400,
        "FREQ=WEEKLY;UNTIL=99991231", "FREQ=WEEKLY;BYDAY=MO", "FREQ=YEARLY;BYMONTH=13",
        "FREQ=MONTHLY;BYSETPOS=1", "FREQ=WEEKLY;COUNT=1e3",
    ],
)  # fmt: skip
def test_a_rule_that_will_not_do_is_refused(rule):
    with pytest.raises(ValidationError):
        # A Sunday.
        series_of(start=datetime(2026, 3, 1, 16, tzinfo=UTC), zone="America/Chicago", recurrence=rule)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="FREQ=WKLYDAINTVOUBMH;,0123456789-SUT", max_size=60))
def test_no_text_as_a_rule_is_a_fault_of_ours(text):
    try:
        found = series_of(
            start=datetime(2026, 3, 1, 16, tzinfo=UTC), zone="UTC", recurrence=f"FREQ=DAILY;{text}"
        )
    except ValidationError:
        return
    assert found.rule is not None
    assert all(0 <= day < len(WEEKDAYS) for _which, day in found.rule.weekdays)
