"""The history in plain words, for pages: by day, and within it by what was done in one go."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .fields import PARTIAL_DATE
from .history_reading import Reader, kind_label, value_names
from .logs import HIDDEN
from .models import EMPTY, HistoryEntry

ORIGINS = {
    "admin": _("in the pages"),
    "web": _("in the pages"),
    "api": _("over the API"),
    "import": _("by an import"),
    "widget": _("on the church’s website"),
    "link": _("by a link in a message"),
    "sms": _("by text message"),
    "webhook": _("by a report of a provider"),
    "job": _("by a job"),
    "command": _("from the command line"),
    "program": _("by the program"),
}
DONE = {
    HistoryEntry.Action.CREATE: _("%(kind)s added"),
    HistoryEntry.Action.UPDATE: _("%(kind)s changed"),
    HistoryEntry.Action.DELETE: _("%(kind)s deleted"),
}


@dataclass(frozen=True)
class Line:
    """One field: what it is called, and its values as texts; ``before`` is empty where it had none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    entry: HistoryEntry
    heading: str
    lines: list[Line]


@dataclass
class Group:
    """What somebody did in one go."""

    who: str
    where: str
    at: datetime
    told: list[Told] = field(default_factory=list)


@dataclass
class Day:
    day: date
    groups: list[Group] = field(default_factory=list)


def value_text(value: Any, names: Mapping[str, Any]) -> str:
    """A value as people read it; ``names`` are those of rows by their ids, and of values."""
    if value in EMPTY:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(value_text(item, names) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {value_text(item, names)}" for name, item in value.items())
    text = str(value)
    if text == HIDDEN:
        return gettext("(not kept)")
    return str(names.get(text) or _day_text(text))


def _day_text(text: str) -> str:
    found = PARTIAL_DATE.match(text)
    if found is None:
        return text
    try:
        day = date(int(found["year"] or 2000), int(found["month"]), int(found["day"]))
    except ValueError:
        return text
    return date_format(day, "DATE_FORMAT" if found["year"] else "MONTH_DAY_FORMAT")


def who_and_where(entry: HistoryEntry) -> tuple[str, str]:
    """``("Bob", "in the pages")``; where nobody was signed in, ``("By the program", "")``."""
    where = str(ORIGINS.get(entry.origin, entry.origin))
    return (entry.actor_name, where) if entry.actor_name else (str(capfirst(where)), "")


def heading_of(entry: HistoryEntry) -> str:
    """``Person changed``, ``Note added``."""
    return str(DONE[entry.action] % {"kind": capfirst(kind_label(entry.kind))})


def lines_of(entry: HistoryEntry, reader: Reader, names: Mapping[str, str]) -> list[Line]:
    """What the entry tells of each field; one that was and is empty is left out."""
    lines = []
    rows = dict(names)
    for change in reader.changes(entry):
        known = ChainMap(dict(value_names(entry.kind, change.field)), rows)
        lines.append(Line(change.label, value_text(change.before, known), value_text(change.after, known)))
    return [line for line in lines if line.before or line.after]


def days_of(entries: Iterable[HistoryEntry], reader: Reader) -> list[Day]:
    """The entries, in their order, by the church's days and by request, user and origin."""
    entries = list(entries)
    names = reader.names(entries)
    days: list[Day] = []
    last: Any = None
    for entry in entries:
        at = timezone.localtime(entry.timestamp)
        if not days or days[-1].day != at.date():
            days.append(Day(at.date()))
            last = None
        same = (entry.cid or entry.pk, entry.actor_id, entry.origin)
        if same != last:
            days[-1].groups.append(Group(*who_and_where(entry), at))
            last = same
        told = Told(entry, heading_of(entry), lines_of(entry, reader, names))
        days[-1].groups[-1].told.append(told)
    return days
