"""Times and rules in plain words."""

from __future__ import annotations

from datetime import datetime

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from .models import Event
from .occurrences import Occurrence
from .recurrence import Rule, to_wall

EVERY_DAY_OF_THE_WEEK = 7


def time_text(start: datetime, end: datetime) -> str:
    """``Sunday, March 8, 2026, 10 a.m. – 11:30 a.m. (CDT)``; both in the zone in which they are shown."""
    zone = start.tzname() or ""
    first = (
        f"{date_format(start, 'l')}, {date_format(start, 'DATE_FORMAT')}, {time_format(start, 'TIME_FORMAT')}"
    )
    last = time_format(end, "TIME_FORMAT")
    if end.date() != start.date():
        last = f"{date_format(end, 'l')}, {date_format(end, 'DATE_FORMAT')}, {last}"
    return f"{first} – {last} ({zone})"


def when_of(occurrence: Occurrence) -> str:
    """When an occurrence takes place, by the clocks of the event's zone."""
    return time_text(occurrence.local_start, occurrence.local_end)


def repetition_of(event: Event) -> str:
    """How often the event takes place; empty for one that happens once."""
    rule = event.series.rule
    return rule_in_words(rule, event.series.wall, event.timezone) if rule else ""


def rule_in_words(rule: Rule, wall: datetime, zone: str) -> str:
    """``Every 2 weeks on Sunday, until May 3, 2026``. ``wall`` is the first start on the clock there."""
    every = {
        "DAILY": ngettext("Every day", "Every %(number)d days", rule.interval),
        "WEEKLY": ngettext("Every week", "Every %(number)d weeks", rule.interval),
        "MONTHLY": ngettext("Every month", "Every %(number)d months", rule.interval),
        "YEARLY": ngettext("Every year", "Every %(number)d years", rule.interval),
    }[rule.frequency]
    text = every % {"number": rule.interval}
    if days := _days(rule, wall):
        text = _("%(every)s on %(days)s") % {"every": text, "days": days}
    if rule.until is not None:
        day = date_format(to_wall(rule.until, zone), "DATE_FORMAT")
        text = _("%(rule)s, until %(day)s") % {"rule": text, "day": day}
    elif rule.count is not None:
        times = ngettext("%(number)d time", "%(number)d times", rule.count) % {"number": rule.count}
        text = _("%(rule)s, %(times)s") % {"rule": text, "times": times}
    return text


def _days(rule: Rule, wall: datetime) -> str:
    if rule.frequency == "DAILY" and not rule.weekdays:
        return ""
    parts = []
    if rule.weekdays:
        parts.append(joined([_weekday(rule, which, day) for which, day in rule.weekdays]))
    elif rule.frequency == "WEEKLY":
        parts.append(str(WEEKDAYS[wall.weekday()]))
    if rule.month_days:
        parts.append(joined([_month_day(day) for day in rule.month_days]))
    elif rule.frequency in {"MONTHLY", "YEARLY"} and not rule.weekdays:
        parts.append(_month_day(wall.day))
    if rule.months or rule.frequency == "YEARLY":
        parts.append(joined([str(MONTHS[month]) for month in rule.months or (wall.month,)]))
    return ", ".join(parts)


def _weekday(rule: Rule, which: int, day: int) -> str:
    number = which or (rule.positions[0] if len(rule.positions) == 1 and len(rule.weekdays) == 1 else 0)
    names = {
        1: pgettext("which weekday of the month", "the first %(day)s"),
        2: pgettext("which weekday of the month", "the second %(day)s"),
        3: pgettext("which weekday of the month", "the third %(day)s"),
        4: pgettext("which weekday of the month", "the fourth %(day)s"),
        5: pgettext("which weekday of the month", "the fifth %(day)s"),
        -1: pgettext("which weekday of the month", "the last %(day)s"),
    }
    name = names.get(number, "%(day)s" if not number else f"{number}. %(day)s")
    return name % {"day": WEEKDAYS[day]}


def _month_day(day: int) -> str:
    return _("day %(day)d") % {"day": day} if day > 0 else _("the last day")


def joined(texts: list[str]) -> str:
    """``Monday, Tuesday and Friday``."""
    if len(texts) < 2:
        return "".join(texts)
    return _("%(first)s and %(last)s") % {"first": ", ".join(texts[:-1]), "last": texts[-1]}
