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
    """``at``, or the end of the quiet hours in which it falls, in UTC."""
    if quiet is None or not quiet.cover(at.astimezone(zone).time()):
        return at.astimezone(UTC)
    return _next_at(at, quiet.end, zone)


def _next_at(at: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The first moment from ``at`` on at which the clock shows ``clock``."""
    day = at.astimezone(zone).date()
    while (moment := _moment(datetime.combine(day, clock), zone)) < at:
        day += timedelta(days=1)
    return moment


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
