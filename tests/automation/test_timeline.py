"""When messages come, against a plain model that walks through the time minute by minute.

The model knows nothing of offsets and folds: it asks what each minute's clock shows, counts the minutes
that a change of the clock leaves out, and looks things up in what it saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from automation.enrolling.planning import planned_for
from automation.timing import Delay, QuietHours, due_at, outside_quiet_hours
from tenants.local_clock import BEATS

MINUTE = timedelta(minutes=1)
# Half-hour changes, quarter-hour offsets, a day that was left out, changes at midnight and before it, a
# second change for Ramadan, two hours at once, and none at all.
ZONES = (
    "America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia",
    "America/Nuuk", "Africa/Cairo", "Asia/Beirut", "America/Sao_Paulo", "Africa/Casablanca",
    "Pacific/Chatham", "Antarctica/Troll", "America/St_Johns", "UTC",
)  # fmt: skip
FIRST, LAST = datetime(2011, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


# -- The plain model --


class Seen:
    """What the clock of a zone shows around a moment: each wall time with the first moment that has it. A
    wall time that is left out belongs to as many minutes after the change as it lies behind it.
    """

    def __init__(self, zone: ZoneInfo, around: datetime, *, days: int = 2) -> None:
        first = around.replace(second=0, microsecond=0) - timedelta(days=days)
        self.zone = zone
        self.first_at: dict[datetime, datetime] = {}
        before: datetime | None = None
        for number in range(2 * days * 24 * 60):
            moment = first + number * MINUTE
            wall = moment.astimezone(zone).replace(tzinfo=None)
            if before is not None and wall > before + MINUTE:
                self._leave_out(before + MINUTE, wall, moment)
            self.first_at.setdefault(wall, moment)
            before = wall

    def _leave_out(self, first: datetime, until: datetime, change: datetime) -> None:
        wall = first
        while wall < until:
            self.first_at.setdefault(wall, change + (wall - first))
            wall += MINUTE

    def next_showing(self, clock: time, at: datetime) -> datetime:
        return min(moment for wall, moment in self.first_at.items() if wall.time() == clock and moment >= at)


def plain_due(base: datetime, delay: Delay, zone: ZoneInfo) -> datetime:
    at = base
    if delay.days:
        wall = base.astimezone(zone).replace(tzinfo=None) + timedelta(days=delay.days)
        whole = wall.replace(second=0, microsecond=0)
        at = Seen(zone, base + timedelta(days=delay.days)).first_at[whole] + (wall - whole)
    for _hour in range(delay.hours):
        at += timedelta(hours=1)
    return at if delay.at is None else Seen(zone, at).next_showing(delay.at, at)


def plain_outside(at: datetime, quiet: QuietHours | None, zone: ZoneInfo) -> datetime:
    """The first moment that is not in the quiet hours: ``at``, or the beginning of a later minute."""
    moment = at
    while quiet is not None and _is_quiet(moment.astimezone(zone).time(), quiet):
        moment = moment.replace(second=0, microsecond=0) + MINUTE
    return moment


def _is_quiet(clock: time, quiet: QuietHours) -> bool:
    spans = [(quiet.start, quiet.end)]
    if quiet.start > quiet.end:
        spans = [(quiet.start, time.max), (time.min, quiet.end)]
        if clock == time.max:
            return True
    return any(start <= clock < end for start, end in spans)


# -- What is tried --


def _changes(zone: ZoneInfo) -> list[datetime]:
    """The minutes at which the zone's clock is changed."""
    found, step = [], timedelta(days=1)
    moment = FIRST
    while moment < LAST:
        if _offset(moment, zone) != _offset(moment + step, zone):
            low, high = moment, moment + step
            while high - low > MINUTE:
                middle = low + (high - low) // 2
                middle = middle.replace(second=0, microsecond=0)
                middle = middle if low < middle < high else low + MINUTE
                low, high = (middle, high) if _offset(middle, zone) == _offset(low, zone) else (low, middle)
            found.append(high)
        moment += step
    return found


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


CHANGES = {name: _changes(ZoneInfo(name)) for name in ZONES}
seconds = st.sampled_from([0, 0, 0, 1, 30, 59])
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 29, 30, 31, 45, 59]))


@st.composite
def moments(draw: Any, zone: str) -> datetime:
    """A moment, mostly within two days of a change of the clock."""
    minutes = draw(st.integers(-2 * 24 * 60, 2 * 24 * 60))
    if CHANGES[zone] and draw(st.integers(0, 9)):
        start = draw(st.sampled_from(CHANGES[zone]))
    else:
        start = FIRST + timedelta(days=draw(st.integers(5, (LAST - FIRST).days - 5)))
    return start + minutes * MINUTE + timedelta(seconds=draw(seconds))


@st.composite
def delays(draw: Any) -> Delay:
    days = draw(st.sampled_from([0, 0, 1, 1, 2, 3, 7, 30, 181, 365]))
    hours = draw(st.sampled_from([0, 0, 1, 2, 12, 23, 24, 25, 48]))
    return Delay(days=days, hours=hours, at=draw(st.none() | clocks))


quiet_hours = st.none() | st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1]).map(
    lambda pair: QuietHours(*pair)
)
zones_and_moments = st.sampled_from(ZONES).flatmap(lambda name: st.tuples(st.just(name), moments(name)))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@settings(max_examples=120, deadline=None)
@given(zones_and_moments, delays())
# The 30th of December 2011 was left out in Samoa.
@example(("Pacific/Apia", utc("2011-12-29T19:00")), Delay(days=1, at=time(9)))
@example(("America/Nuuk", utc("2024-03-31T01:10")), Delay(at=time(23, 30)))
@example(("America/Chicago", utc("2026-11-01T06:45")), Delay(at=time(1, 30)))
def test_a_wait_is_over_when_the_clock_on_the_wall_says_so(where: tuple[str, datetime], delay: Delay) -> None:
    name, base = where
    zone = ZoneInfo(name)
    assert due_at(base, delay, zone) == plain_due(base, delay, zone)


@settings(max_examples=150, deadline=None)
@given(zones_and_moments, quiet_hours)
# In the second of two half past ones it is quiet until the second half past one, not until tomorrow's.
@example(("America/Chicago", utc("2026-11-01T07:15")), QuietHours(time(21), time(1, 30)))
# There is no half past two: the quiet hours end with the change.
@example(("America/Chicago", utc("2026-03-08T07:00")), QuietHours(time(21), time(2, 30)))
@example(("Australia/Lord_Howe", utc("2026-10-03T15:00")), QuietHours(time(3), time(2, 15)))
@example(("UTC", utc("2026-10-03T23:59:59")), QuietHours(time(23, 59), time(0, 1)))
def test_nobody_is_disturbed_in_the_quiet_hours_and_waits_no_longer(
    where: tuple[str, datetime], quiet: QuietHours | None
) -> None:
    name, at = where
    zone = ZoneInfo(name)
    assert outside_quiet_hours(at, quiet, zone) == plain_outside(at, quiet, zone)


# -- Whole ways through a sequence --


@dataclass(frozen=True)
class Way:
    """A church, somebody of it, the steps of a sequence, when it begins, and how late each is sent."""

    church_zone: str
    member_zone: str
    quiet: QuietHours | None
    begins: datetime
    steps: tuple[Delay, ...]
    minutes_late: tuple[int, ...]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.member_zone or self.church_zone)

    @property
    def setting(self) -> dict[str, str] | None:
        if self.quiet is None:
            return None
        return {"start": f"{self.quiet.start:%H:%M}", "end": f"{self.quiet.end:%H:%M}"}


LATE = timedelta(hours=1)
ON_TIME = st.just(0)


def plain_way(way: Way) -> list[datetime]:
    """When each step is planned: the wait begins when the one before was planned, or when it was sent where
    that was more than an hour later.
    """
    planned, base = [], way.begins
    for delay, late in zip(way.steps, way.minutes_late, strict=True):
        at = plain_outside(plain_due(base, delay, way.zone), way.quiet, way.zone)
        planned.append(at)
        sent = at + late * MINUTE
        base = sent if sent - at > LATE else at
    return planned


@st.composite
def ways(draw: Any, *, lateness: Any = ON_TIME) -> Way:
    church_zone = draw(st.sampled_from(ZONES))
    member_zone = draw(st.sampled_from(["", *ZONES]))
    steps = tuple(draw(st.lists(delays(), min_size=1, max_size=4)))
    return Way(
        church_zone=church_zone,
        member_zone=member_zone,
        quiet=draw(quiet_hours),
        begins=draw(moments(member_zone or church_zone)),
        steps=steps,
        minutes_late=tuple(draw(lateness) for _step in steps),
    )


def frozen(delay: Delay) -> dict[str, Any]:
    """The wait as it stands in a version."""
    return {
        "delay_days": delay.days,
        "delay_hours": delay.hours,
        "send_at": f"{delay.at:%H:%M}" if delay.at else None,
    }


@settings(max_examples=40, deadline=None)
@given(ways())
def test_each_step_is_planned_where_the_person_lives_and_else_where_the_church_is(way: Way) -> None:
    church: Any = SimpleNamespace(timezone=way.church_zone, settings={"quiet_hours": way.setting})
    member: Any = SimpleNamespace(timezone=way.member_zone)
    planned, base = [], way.begins
    for delay in way.steps:
        base = planned_for(base=base, step=frozen(delay), member=member, church=church)
        planned.append(base)
    assert planned == plain_way(way)
    assert planned == sorted(planned)


# -- Days and weeks of a church --


@settings(max_examples=40, deadline=None)
@given(zones_and_moments, st.sampled_from(BEATS))
@example(("Pacific/Apia", utc("2011-12-29T13:00")), BEATS[0])
def test_a_churchs_days_and_weeks_begin_by_its_clock_one_after_another(
    where: tuple[str, datetime], beat: Any
) -> None:
    name, now = where
    zone = ZoneInfo(name)
    following = beat.next_after(now, zone)
    seen = Seen(zone, now, days=8)
    wanted = min(
        moment
        for wall, moment in seen.first_at.items()
        if moment > now
        and wall.time() == beat.clock
        and (beat.weekday is None or wall.weekday() == beat.weekday)
    )
    assert following == wanted
    # When it comes, it is the beginning of a day, and that day's until the next one comes.
    day: date = beat.day_of(following, zone)
    assert beat.moment(day, zone) == following
    assert beat.day_of(beat.next_after(following, zone) - MINUTE, zone) == day
