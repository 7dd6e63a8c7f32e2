"""What happens by each church's own clock: its day begins at 2 in the morning, its week on Monday at 9.

Both hang on ``tenants.due``: planned when a church is made, anew when its time zone changes or it resumes,
and once more each day, should a plan have been lost. A time that a change of the clock skips means the
moment that is as late as it would have been; one that comes twice means the first (PEP 495, ``fold=0``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.dispatch import Signal
from django.utils import timezone

from . import due, signals
from .context import current_church, enter_church
from .models import Church

DAY = "tenants.day"
WEEK = "tenants.week"
DAYS_OF_WEEK = 7


@dataclass(frozen=True)
class Beat:
    """Something that comes back by the wall clock: at ``clock``, each day or on one (0 is Monday)."""

    kind: str
    signal: Signal
    clock: time
    weekday: int | None = None

    def moment(self, day: date, zone: ZoneInfo) -> datetime:
        """When it is on ``day``, in UTC."""
        return datetime.combine(day, self.clock, zone).astimezone(UTC)

    def day_of(self, now: datetime, zone: ZoneInfo) -> date:
        """The day of the last one before or at ``now``."""
        day = now.astimezone(zone).date() + timedelta(days=1)
        while not self._comes_on(day) or self.moment(day, zone) > now:
            day -= timedelta(days=1)
        return day

    def next_after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first one after ``now``, in UTC."""
        day = now.astimezone(zone).date() - timedelta(days=1)
        while not self._comes_on(day) or self.moment(day, zone) <= now:
            day += timedelta(days=1)
        return self.moment(day, zone)

    def _comes_on(self, day: date) -> bool:
        return self.weekday is None or day.weekday() == self.weekday


BEATS = (
    Beat(DAY, signals.church_day_began, time(2)),
    Beat(WEEK, signals.church_week_began, time(9), weekday=0),
)


def _zone() -> ZoneInfo:
    return ZoneInfo(current_church().timezone)


def _work(beat: Beat) -> Callable[[], None]:
    def work() -> None:
        church = current_church()
        with timezone.override(_zone()):
            beat.signal.send(sender=Church, church=church, day=beat.day_of(timezone.now(), _zone()))

    return work


def _next(beat: Beat) -> Callable[[], datetime]:
    return lambda: beat.next_after(timezone.now(), _zone())


def plan_beats(**_event: Any) -> None:
    """Plans what is not planned; receives signals that are sent inside a church."""
    for beat in BEATS:
        due.plan(beat.kind, _next(beat)())


def plan_beats_anew(*, church: Church, **_event: Any) -> None:
    """Plans by the clock as it is now; receives changes of the church's settings, and its resuming."""
    with enter_church(church, even_suspended=True):
        for beat in BEATS:
            due.replan(beat.kind)
        plan_beats()


def connect() -> None:
    """Called once when the program starts."""
    for beat in BEATS:
        due.register(due.DueKind(beat.kind, work=_work(beat), next_due=_next(beat)))
    signals.church_provisioned.connect(plan_beats, dispatch_uid="tenants.plan_beats")
    signals.church_swept.connect(plan_beats, dispatch_uid="tenants.plan_beats_daily")
    signals.church_resumed.connect(plan_beats_anew, dispatch_uid="tenants.plan_beats_after_pause")
    signals.church_settings_changed.connect(plan_beats_anew, dispatch_uid="tenants.plan_beats_anew")
