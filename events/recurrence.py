"""When a series takes place: rules of RFC 5545 (3.3.10) over local wall time. Pure: no database.

A series starts at a wall time in an IANA zone and repeats by that wall time, so a service at ten stays at
ten when the clocks change. A local time that does not exist is read with the offset before the gap, one
that exists twice is its first (RFC 5545, 3.3.5). Each occurrence is known by its original start in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil import rrule
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
    "YEARLY": rrule.YEARLY,
}
# What each frequency may be narrowed down by. Others of RFC 5545 would be read differently by programs.
PARTS = {
    "DAILY": {"BYDAY"},
    "WEEKLY": {"BYDAY", "WKST"},
    "MONTHLY": {"BYDAY", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"BYMONTH", "BYDAY", "BYMONTHDAY", "BYSETPOS"},
}
FIRST_YEAR, LAST_YEAR = 1970, 2199
MOST_INTERVAL = 99
MOST_TIMES = 1_000
LONGEST_RULE = 300
WEEKDAY = re.compile(r"([+-]?[1-9]\d?)?(MO|TU|WE|TH|FR|SA|SU)")
UNTIL = re.compile(r"(\d{8})(T\d{6}Z?)?")


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The zone with this IANA name."""
    return ZoneInfo(name)


def to_instant(wall: datetime, zone: str) -> datetime:
    """The time in UTC of a wall time (naive) in a zone."""
    return wall.replace(tzinfo=zone_of(zone), fold=0).astimezone(UTC)


def to_wall(instant: datetime, zone: str) -> datetime:
    """What the clock on the wall shows, without a zone."""
    return instant.astimezone(zone_of(zone)).replace(tzinfo=None, fold=0)


@dataclass(frozen=True)
class Rule:
    """An RRULE, read. ``weekdays`` are pairs of which in the month (0: each) and day (0: Monday).

    ``until`` is in UTC and still belongs to the series.
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0

    def text(self) -> str:
        """The rule as RFC 5545 writes it, always in the same order."""
        days = ",".join(f"{which or ''}{WEEKDAYS[day]}" for which, day in self.weekdays)
        parts = {
            "FREQ": self.frequency,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYMONTH": _numbers(self.months),
            "BYMONTHDAY": _numbers(self.month_days),
            "BYDAY": days,
            "BYSETPOS": _numbers(self.positions),
            "WKST": WEEKDAYS[self.week_start] if self.week_start else "",
            "COUNT": str(self.count) if self.count else "",
            "UNTIL": f"{self.until:%Y%m%dT%H%M%SZ}" if self.until else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def _numbers(values: Iterable[int]) -> str:
    return ",".join(map(str, values))


def read_rule(text: str, *, wall: datetime, zone: str) -> Rule:
    """The rule that ``text`` writes, of a series that starts at ``wall``. Raises ValidationError.

    UNTIL may be a date, whose whole day belongs to the series, a local time or one in UTC.
    """
    if len(text) > LONGEST_RULE:
        raise _unreadable()
    pairs = [part.partition("=") for part in text.strip().upper().removeprefix("RRULE:").split(";") if part]
    parts = {name.strip(): value.strip() for name, _equals, value in pairs}
    frequency = parts.pop("FREQ", "")
    if len(parts) + 1 != len(pairs) or frequency not in FREQUENCIES:
        raise _unreadable()
    if unknown := parts.keys() - PARTS[frequency] - {"INTERVAL", "COUNT", "UNTIL", "WKST"}:
        message = _("%(part)s cannot be used with %(frequency)s.")
        raise ValidationError(message % {"part": min(unknown), "frequency": frequency})
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValidationError(_("A series ends after a number of times or on a day, not both."))
    if "BYSETPOS" in parts and not parts.keys() & {"BYDAY", "BYMONTHDAY", "BYMONTH"}:
        raise _unreadable()
    rule = Rule(
        frequency,
        interval=_whole(parts.get("INTERVAL", "1"), 1, MOST_INTERVAL),
        count=_whole(parts["COUNT"], 1, MOST_TIMES) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"], wall, zone) if "UNTIL" in parts else None,
        weekdays=_weekdays(parts.get("BYDAY", ""), frequency),
        month_days=_several(parts.get("BYMONTHDAY", ""), 31),
        months=_several(parts.get("BYMONTH", ""), 12, negative=False),
        positions=_several(parts.get("BYSETPOS", ""), 366),
        week_start=_week_start(parts.get("WKST", "MO")),
    )
    return rule if frequency == "WEEKLY" else replace(rule, week_start=0)


def _unreadable() -> ValidationError:
    return ValidationError(_("This is no rule that can be read; an example: FREQ=WEEKLY;BYDAY=SU."))


def _whole(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,4}", text) or not least <= int(text) <= most:
        raise _unreadable()
    return int(text)


def _several(text: str, most: int, *, negative: bool = True) -> tuple[int, ...]:
    values = {_whole(part, -most if negative else 1, most) for part in text.split(",") if text}
    if 0 in values:
        raise _unreadable()
    return tuple(sorted(values))


def _weekdays(text: str, frequency: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for part in text.split(",") if text else ():
        match = WEEKDAY.fullmatch(part)
        if match is None:
            raise _unreadable()
        which = int(match[1] or 0)
        most = {"MONTHLY": 5, "YEARLY": 53}.get(frequency, 0)
        if abs(which) > most:
            raise _unreadable()
        found.add((which, WEEKDAYS.index(match[2])))
    return tuple(sorted(found, key=lambda pair: (pair[1], pair[0])))


def _week_start(text: str) -> int:
    if text not in WEEKDAYS:
        raise _unreadable()
    return WEEKDAYS.index(text)


def _until(text: str, wall: datetime, zone: str) -> datetime:
    match = UNTIL.fullmatch(text)
    try:
        if match is None:
            raise _unreadable()
        if match[2] is None:
            day = datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007 - a date has no zone
            until = to_instant(datetime.combine(day, time.max.replace(microsecond=0)), zone)
        else:
            read = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone follows
            until = read.replace(tzinfo=UTC) if text.endswith("Z") else to_instant(read, zone)
    except (ValueError, OverflowError) as error:
        raise _unreadable() from error
    if until < to_instant(wall, zone):
        raise ValidationError(_("The series would end before it begins."))
    if until.year > LAST_YEAR:
        raise _unreadable()
    return until


@dataclass(frozen=True)
class Series:
    """What repeats: the first start (UTC), the zone by whose clocks it repeats, and the rule (None: once)."""

    start: datetime
    zone: str
    rule: Rule | None = None
    wall: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wall", to_wall(self.start, self.zone))

    @property
    def is_endless(self) -> bool:
        return self.rule is not None and self.rule.count is None and self.rule.until is None

    def starts(self, after: datetime, before: datetime) -> list[datetime]:
        """Starts (UTC) from ``after`` on and before ``before``, in order."""
        found = []
        for instant in self._instants(after):
            if instant >= before:
                break
            if instant >= after:
                found.append(instant)
        return found

    def first_from(self, after: datetime, *, most: int = 1) -> list[datetime]:
        """The first ``most`` starts from ``after`` on."""
        return list(islice((instant for instant in self._instants(after) if instant >= after), most))

    def has(self, instant: datetime) -> bool:
        """Whether an occurrence starts at ``instant``."""
        return self.first_from(instant) == [instant]

    def count_before(self, instant: datetime) -> int:
        """How many occurrences start before ``instant``."""
        return len(self.starts(self.start, instant))

    def last(self) -> datetime | None:
        """No occurrence starts later than this; None for a series without an end."""
        if self.rule is None:
            return self.start
        if self.rule.until is not None:
            return self.rule.until
        return None if self.is_endless else list(self._instants(self.start))[-1]

    def _instants(self, after: datetime) -> Iterator[datetime]:
        """The starts in order, at the latest from ``after`` on."""
        if self.rule is None:
            yield self.start
            return
        for wall in self._rule_from(after):
            if wall.year > LAST_YEAR:
                return
            instant = to_instant(wall, self.zone)
            if self.rule.until is not None and instant > self.rule.until:
                return
            yield instant

    def _rule_from(self, after: datetime) -> rrule.rrule:
        rule = self.rule
        assert rule is not None  # noqa: S101 - asked for by its one caller
        begin = self.wall
        period = {"DAILY": 1, "WEEKLY": 7}.get(rule.frequency, 0) * rule.interval
        if period and rule.count is None and after > self.start:
            # Whole periods are skipped, so that an old series costs what a new one does.
            skipped = (to_wall(after, self.zone) - begin).days // (period * 7) - 1
            begin += timedelta(days=max(0, skipped) * period * 7)
        days = [rrule.weekday(day, which or None) for which, day in rule.weekdays]
        return rrule.rrule(
            FREQUENCIES[rule.frequency],
            dtstart=begin,
            interval=rule.interval,
            count=rule.count,
            byweekday=days or None,
            bymonthday=rule.month_days or None,
            bymonth=rule.months or None,
            bysetpos=rule.positions or None,
            wkst=rule.week_start,
        )


def series_of(*, start: datetime, zone: str, recurrence: str) -> Series:
    """The series that an event's columns describe. Raises ValidationError for a rule that will not do."""
    if not recurrence:
        return Series(start, zone)
    wall = to_wall(start, zone)
    series = Series(to_instant(wall, zone), zone, read_rule(recurrence, wall=wall, zone=zone))
    if not series.has(series.start):
        raise ValidationError(
            _("The first date is none of those on which this repeats. Choose another first date or rule.")
        )
    return series


def split(series: Series, at: datetime) -> tuple[Rule, Rule]:
    """The rules of what lies before ``at``, one of the starts but the first, and of what begins with it."""
    rule = series.rule
    if rule is None:
        raise ValueError("It does not repeat.")
    count = rule.count - series.count_before(at) if rule.count else None
    return replace(rule, count=None, until=at - timedelta(seconds=1)), replace(rule, count=count)


def moved(old: Series, new: Series, starts: Iterable[datetime]) -> dict[datetime, datetime | None]:
    """Where each of ``starts``, occurrences of ``old``, is found in ``new``; None where it is gone.

    An occurrence is looked for on its own day, shifted by as many days as the first one was; else it is
    the only one of the same week, month or year. No two become one.
    """
    days = (new.wall.date() - old.wall.date()).days
    found: dict[datetime, datetime | None] = {}
    taken: set[datetime] = set()
    left = []
    for start in sorted(starts):
        day = to_wall(start, old.zone).date() + timedelta(days=days)
        candidate = to_instant(datetime.combine(day, new.wall.time()), new.zone)
        if new.has(candidate):
            found[start] = candidate
            taken.add(candidate)
        else:
            left.append(start)
    for start in left:
        near = [other for other in _same_period(start, old, new) if other not in taken]
        found[start] = near[0] if len(near) == 1 else None
        taken.update(near if len(near) == 1 else ())
    return dict(sorted(found.items()))


def _same_period(start: datetime, old: Series, new: Series) -> list[datetime]:
    """Occurrences of ``new`` in the week, month or year of ``start``, where both repeat so."""
    if old.rule is None or new.rule is None:
        # One that repeats no more is its first; one that did not, was.
        return [new.start] if new.rule is None and start == old.start else []
    if old.rule.frequency != new.rule.frequency or old.rule.interval != new.rule.interval:
        return []
    period = {"WEEKLY": "%G-%V", "MONTHLY": "%Y-%m", "YEARLY": "%Y"}.get(new.rule.frequency, "%F")
    wall = to_wall(start, old.zone)
    reach = timedelta(days=400 if new.rule.frequency == "YEARLY" else 40)
    around = new.starts(start - reach, start + reach)
    return [other for other in around if to_wall(other, new.zone).strftime(period) == wall.strftime(period)]


def in_safe_order(pairs: dict[datetime, datetime]) -> list[tuple[datetime, datetime]]:
    """``pairs`` so ordered that none moves to a place that another has not left yet."""
    left = {old: new for old, new in pairs.items() if old != new}
    ordered = []
    while left:
        free = [old for old, new in left.items() if new not in left] or list(left)[:1]
        ordered += [(old, left.pop(old)) for old in free]
    return ordered
