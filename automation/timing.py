"""When a message is due: delays by the wall clock, and hours in which nobody is disturbed.

Pure functions of times and zones. A wall time that a change of the clock skips means the moment after the
change that is as late as it would have been; one that comes twice means the first (PEP 495, ``fold=0``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Delay:
    """A wait: days by the wall clock, then hours as they pass, then until the clock shows ``at``."""

    days: int = 0
    hours: int = 0
    at: time | None = None


@dataclass(frozen=True)
class QuietHours:
    """From ``start`` until before ``end`` by the wall clock nothing is sent; over midnight where ``end``
    is the earlier. The two differ.
    """

    start: time
    end: time

    def cover(self, moment: time) -> bool:
        """Whether they are at this time of the day."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def due_at(base: datetime, delay: Delay, zone: ZoneInfo) -> datetime:
    """When the wait that begins at ``base`` is over, in UTC."""
    local = base.astimezone(zone)
    at = _moment(local.replace(tzinfo=None) + timedelta(days=delay.days), zone) if delay.days else base
    at = at.astimezone(UTC) + timedelta(hours=delay.hours)
    return _next_at(at, delay.at, zone) if delay.at is not None else at


def outside_quiet_hours(at: datetime, quiet: QuietHours | None, zone: ZoneInfo) -> datetime:
    """``at``, or the first moment after it that is not in the quiet hours, in UTC.

    Where the clock is changed meanwhile, what it shows after the change counts: an hour that comes twice
    can be quiet twice, and the quiet hours end with a change that leaves out their end.
    """
    at = at.astimezone(UTC)
    local = at.astimezone(zone)
    if quiet is None or not quiet.cover(local.time()):
        return at
    wall = local.replace(tzinfo=None, fold=0)
    end = datetime.combine(wall.date(), quiet.end)
    if end <= wall:
        end += timedelta(days=1)
    over = at + (end - wall)
    change = _first_change(at, over, zone)
    return over if change is None else outside_quiet_hours(change, quiet, zone)


def _next_at(at: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The first moment from ``at`` on at which the clock shows ``clock``."""
    # Yesterday's can be today, where a change leaves out the end of yesterday.
    day = at.astimezone(zone).date() - timedelta(days=1)
    while (moment := _moment(datetime.combine(day, clock), zone)) < at:
        day += timedelta(days=1)
    return moment


def _first_change(start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """The second at which the clock is changed after ``start`` and until ``end``, which are a day apart at
    most; None where it is not.
    """
    if _offset(start, zone) == _offset(end, zone):
        return None
    before, after = 0, int((end - start).total_seconds()) + 1
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(start + timedelta(seconds=middle), zone) == _offset(start, zone):
            before = middle
        else:
            after = middle
    return (start + timedelta(seconds=after)).replace(microsecond=0)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
