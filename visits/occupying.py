"""What a visit takes of its pastor's time, so that nobody is booked twice.

Each pastor has a number and with it a stretch of whole numbers of its own, long enough for all seconds from
1970 on. A visit takes those from its start to its end and the minutes between visits behind it, as one
``int8range``; an exclusion constraint refuses two that overlap. GiST has operators for ranges built in, while
a constraint over pastor and time side by side would need the extension btree_gist. The doors lock the
pastor's calendar first: two inserts that meet in such an index wait for each other until PostgreSQL ends
one of them as a deadlock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.api.problems import ConflictError

from .hours import DAYS_AHEAD, Span, free_starts
from .models import PastorCalendar, Visit

SECONDS_OF_PASTOR = 2**40
CONSTRAINT = "visits_pastor_never_twice"
ALTERNATIVES = 3
# Of so many free times the nearest are offered.
LOOKED_THROUGH = 24


class PastorBookedError(ConflictError):
    """409: the pastor has something else at that time. ``alternatives`` are times, UTC, that are free."""

    default_detail = _("Whoever is to visit has another visit at that time.")

    def __init__(self, alternatives: list[datetime]) -> None:
        super().__init__()
        self.alternatives = alternatives
        self.further = {"alternatives": [start.isoformat(timespec="microseconds") for start in alternatives]}


def occupied_by(calendar: PastorCalendar, start: datetime, minutes: int) -> NumericRange:
    """The range of ``Visit.occupied`` for a visit of the calendar's pastor."""
    first = calendar.number * SECONDS_OF_PASTOR + int(start.timestamp())
    return NumericRange(first, first + 60 * (minutes + calendar.buffer_minutes), "[)")


@contextmanager
def booked_once(calendar: PastorCalendar | None, visit: Visit) -> Iterator[None]:
    """Runs a block that saves ``visit`` and turns the database's refusal into PastorBookedError."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if CONSTRAINT not in str(error) or calendar is None:
            raise
        raise PastorBookedError(alternatives_to(calendar, visit)) from error


def alternatives_to(calendar: PastorCalendar, visit: Visit) -> list[datetime]:
    """Three free times for a visit like this one, as near as can be to the wanted one, in their order.

    What the visit itself takes until now counts as free.
    """
    # Deferred: that module's doors use this one.
    from .calendars import zone_of

    wanted = visit.scheduled_datetime
    morning = datetime.combine(wanted.astimezone(zone_of(calendar)).date(), time.min, zone_of(calendar))
    found = free_times(
        calendar,
        after=max(morning, timezone.now()),
        minutes=visit.duration_minutes,
        count=LOOKED_THROUGH,
        besides=visit,
    )
    return sorted(sorted(found, key=lambda start: abs(start - wanted))[:ALTERNATIVES])


def free_times(
    calendar: PastorCalendar, *, after: datetime, minutes: int, count: int, besides: Visit | None = None
) -> list[datetime]:
    """The next ``count`` times from ``after`` on at which the pastor can be visited with; one query."""
    # Deferred: that module's doors use this one.
    from .calendars import working_hours

    taken = _taken(calendar, after, after + timedelta(days=DAYS_AHEAD + 2), besides)
    starts = free_starts(
        working_hours(calendar),
        after=after,
        taken=taken,
        minutes=minutes,
        buffer_minutes=calendar.buffer_minutes,
    )
    return [start for start, _number in zip(starts, range(count), strict=False)]


def _taken(calendar: PastorCalendar, start: datetime, end: datetime, besides: Visit | None) -> list[Span]:
    base = calendar.number * SECONDS_OF_PASTOR
    stretch = NumericRange(base + int(start.timestamp()), base + int(end.timestamp()), "[)")
    visits = Visit.objects.filter(occupied__overlap=stretch)
    if besides is not None:
        visits = visits.exclude(pk=besides.pk)
    ranges: Any = visits.values_list("occupied", flat=True)
    return [(_time_of(occupied.lower - base), _time_of(occupied.upper - base)) for occupied in ranges]


def _time_of(seconds: Any) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
