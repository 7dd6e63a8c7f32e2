"""Choosing a time: what is free, and what became of the choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext

from accounts.models import User
from visits.calendars import calendar_to_read
from visits.models import Visit
from visits.occupying import PastorBookedError, free_times
from visits.values import EARLIEST, LATEST, LONGEST, SHORTEST

from .forms import WhenForm, local_time

TIMES_SHOWN = 9
NOON = time(12)


def day_asked(request: HttpRequest, usual: date) -> date:
    """The day that the address names; ``usual`` for anything that is none."""
    try:
        day = parse_date(request.GET.get("day", "")) or usual
    except ValueError:
        return usual
    return day if EARLIEST.date() < day < LATEST.date() else usual


def time_asked(request: HttpRequest, usual: str) -> str:
    """The wall time that the address names, as ``HH:MM``."""
    try:
        wall = parse_time(request.GET.get("time", ""))
    except ValueError:
        wall = None
    return wall.strftime("%H:%M") if wall else usual


def start_pressed(request: HttpRequest) -> datetime | None:
    """The free time whose button was pressed; None where none was."""
    try:
        start = datetime.fromisoformat(request.POST.get("start", ""))
    except ValueError:
        return None
    return start if start.tzinfo is not None else None


def free_for(
    pastor: User | None, day: Any, minutes: Any, *, besides: Visit | None = None
) -> Sequence[datetime]:
    """What is free from the day on; nothing where nobody was chosen who visits."""
    if pastor is None or not isinstance(day, date):
        return []
    length = minutes if isinstance(minutes, int) and SHORTEST <= minutes <= LONGEST else 60
    after = max(local_time(day, time.min), timezone.now())
    return free_times(
        calendar_to_read(pastor), after=after, minutes=length, count=TIMES_SHOWN, besides=besides
    )


def tried(form: WhenForm, door: Callable[[], Visit]) -> tuple[Visit | None, Sequence[datetime]]:
    """What the door made, or None and the free times that it offered in place of the wanted one.

    What it refused stands in the form.
    """
    try:
        return door(), []
    except PastorBookedError as taken:
        form.add_error("time", gettext("Whoever is to visit has another visit at that time."))
        return None, taken.alternatives
    except ValidationError as refusal:
        form.refuse(refusal)
        return None, []
