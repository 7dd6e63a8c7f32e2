"""Working hours of a pastor in local wall time, and the free times that follow from them.

A day's spans become times of the pastor's zone by their date, so that on the two days of the year with
23 and 25 hours nine o'clock stays nine o'clock. A wall time that a clock skips, or meets twice, is read as
Python does with ``fold=0`` (PEP 495).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WALL_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
DAYS = tuple("1234567")
MOST_SPANS = 6
MOST_FREE_DAYS = 100
# Where a pastor has said no hours, other times are offered in these, from Monday to Saturday.
USUAL = {day: [["08:00", "20:00"]] for day in DAYS[:6]}
STEP = timedelta(minutes=15)
# How far ahead free times are looked for.
DAYS_AHEAD = 60

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class WorkingHours:
    """``hours`` and ``free_days`` as ``PastorCalendar`` keeps them, in ``zone``."""

    zone: ZoneInfo
    hours: Mapping[str, Sequence[Sequence[str]]]
    free_days: Sequence[Sequence[str]]

    def is_free_day(self, day: date) -> bool:
        text = day.isoformat()
        return any(first <= text <= last for first, last in self.free_days)

    def spans_of(self, day: date, *, or_usual: bool = False) -> list[Span]:
        """The working hours of a local day as times in UTC, in order."""
        hours = self.hours or (USUAL if or_usual else {})
        if self.is_free_day(day):
            return []
        return [
            (_at(day, start, self.zone), _at(day, end, self.zone))
            for start, end in hours.get(str(day.isoweekday()), ())
        ]

    def include(self, start: datetime, end: datetime) -> bool:
        """Whether a visit from ``start`` to ``end`` lies within them; where none were said, on every day
        that is not free.
        """
        day = start.astimezone(self.zone).date()
        if not self.hours:
            return not self.is_free_day(day)
        return any(opening <= start and end <= closing for opening, closing in self.spans_of(day))


def _at(day: date, wall: str, zone: ZoneInfo) -> datetime:
    if wall == "24:00":
        day, wall = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(wall), zone).astimezone(UTC)


def free_starts(
    hours: WorkingHours,
    *,
    after: datetime,
    taken: Iterable[Span],
    minutes: int,
    buffer_minutes: int,
) -> Iterator[datetime]:
    """Times, UTC, rising, at which a visit of ``minutes`` can begin, from ``after`` on, two months ahead.

    ``taken`` is what is occupied, minutes between visits included. Each free stretch is offered from its
    beginning in steps of the visit's length, so that the offers are different times and not one time moved by
    a quarter.
    """
    length = timedelta(minutes=minutes)
    needed = timedelta(minutes=minutes + buffer_minutes)
    busy = sorted(taken)
    day = after.astimezone(hours.zone).date()
    for number in range(DAYS_AHEAD):
        for opening, closing in hours.spans_of(day + timedelta(days=number), or_usual=True):
            start = _rounded_up(max(opening, after), opening)
            while start + length <= closing:
                hit = next((end for begin, end in busy if begin < start + needed and start < end), None)
                if hit is not None:
                    start = _rounded_up(hit, opening)
                    continue
                yield start
                start = _rounded_up(start + needed, opening)


def _rounded_up(at: datetime, opening: datetime) -> datetime:
    """The first quarter of an hour, counted from the opening, that is not before ``at``."""
    steps = -((opening - at) // STEP)
    return opening + steps * STEP


def checked_hours(value: Any) -> dict[str, list[list[str]]]:
    """``value`` as it is stored. Raises ValidationError (``hours``)."""
    if not isinstance(value, Mapping) or not set(value) <= set(DAYS):
        raise ValidationError({"hours": _("Hours go by days of the week, from 1 for Monday to 7.")})
    return {day: _checked_spans(value[day]) for day in DAYS if value.get(day)}


def _checked_spans(spans: Any) -> list[list[str]]:
    wrong = ValidationError({"hours": _("Write spans as 09:00–12:00, each ending after it begins.")})
    if not isinstance(spans, list) or len(spans) > MOST_SPANS:
        raise wrong
    clean: list[list[str]] = []
    for span in spans:
        texts = [str(text) for text in span] if isinstance(span, list | tuple) else []
        if len(texts) != 2 or not all(WALL_TIME.fullmatch(text) for text in texts) or texts[0] >= texts[1]:
            raise wrong
        clean.append(texts)
    clean.sort()
    if any(first[1] > second[0] for first, second in pairwise(clean)):
        raise ValidationError({"hours": _("The spans of a day must not overlap.")})
    return clean


def spans_from_text(text: str) -> list[list[str]]:
    """``"9-12, 13:30–17"`` as spans. Raises ValidationError (``hours``)."""
    spans = []
    for part in re.split(r"[,;]", text):
        if not part.strip():
            continue
        ends = re.split(r"[-–—]", part)
        if len(ends) != 2:
            raise ValidationError({"hours": _("Write spans as 09:00–12:00, each ending after it begins.")})
        spans.append([_wall_time(end) for end in ends])
    return _checked_spans(spans)


def _wall_time(text: str) -> str:
    hour, _colon, minute = text.strip().partition(":")
    return f"{hour.strip().zfill(2)}:{minute.strip().zfill(2) if minute.strip() else '00'}"


def spans_as_text(spans: Iterable[Sequence[str]]) -> str:
    """Spans as a person writes them: ``09:00–12:00, 13:30–17:00``."""
    return ", ".join(f"{start}–{end}" for start, end in spans)


def checked_free_days(value: Any) -> list[list[str]]:
    """``value`` as it is stored, in order. Raises ValidationError (``free_days``)."""
    wrong = ValidationError({"free_days": _("Write free days as YYYY-MM-DD, first and last.")})
    if not isinstance(value, list) or len(value) > MOST_FREE_DAYS:
        raise wrong
    clean = []
    for entry in value:
        if not isinstance(entry, list | tuple) or len(entry) != 2:
            raise wrong
        try:
            first, last = (date.fromisoformat(str(text)).isoformat() for text in entry)
        except ValueError as error:
            raise wrong from error
        if first > last:
            raise wrong
        clean.append([first, last])
    return sorted(clean)
