"""The calendar of visits: a month, a week, or the days one below the other.

All three are made on the server and lead on by links. ``static/visits/calendar.js`` lets a visit be dragged
to another day, which opens the page on which it is moved.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber, TruncDate
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, get_format, time_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import may
from visits.models import Visit
from visits.querysets import STANDING
from visits.values import visit_type_name

from .forms import who_visits
from .pages import shown, visit_pages
from .presentation import calendar_address
from .when import day_asked

VIEWS = {"month": _("Month"), "week": _("Week"), "agenda": _("Agenda")}
# So many of a day are shown by name.
SHOWN = {"month": 4, "week": 30, "agenda": 60}
AGENDA_DAYS = 14
COLUMNS = (
    "scheduled_datetime", "id", "visitor_name", "visit_type", "status", "location",
    "assigned_pastor_id", "member_id", "member__first_name", "member__last_name",
)  # fmt: skip


def _first_of_week(day: date) -> date:
    """The day on which the week of ``day`` begins, as in the church's language."""
    begins = (int(str(get_format("FIRST_DAY_OF_WEEK"))) - 1) % 7
    return day - timedelta(days=(day.weekday() - begins) % 7)


def stretch_of(view: str, day: date) -> tuple[date, date]:
    """First day, and the one behind the last, of what the view shows around ``day``."""
    if view == "agenda":
        return day, day + timedelta(days=AGENDA_DAYS)
    if view == "week":
        first = _first_of_week(day)
        return first, first + timedelta(days=7)
    first = _first_of_week(day.replace(day=1))
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first, _first_of_week(last) + timedelta(days=7)


def _turned(view: str, day: date, way: int) -> date:
    """The day around which the pages before (-1) and after (1) are."""
    if view == "agenda":
        return day + timedelta(days=way * AGENDA_DAYS)
    if view == "week":
        return day + timedelta(days=way * 7)
    middle = day.replace(day=15) + timedelta(days=way * 30)
    return middle.replace(day=1)


@visit_pages.page("calendar/", "visits_calendar", permission="visits:read")
def calendar(request: HttpRequest) -> HttpResponse:
    """A month, a week or an agenda (``view``) around ``day``, of one pastor (``pastor``) or of all."""
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "month"
    today = timezone.localdate()
    day = day_asked(request, today)
    pastors = who_visits()
    pastor = next((user for user in pastors if str(user.pk) == request.GET.get("pastor")), None)
    chosen = str(pastor.pk) if pastor else ""
    first, end = stretch_of(view, day)
    names = {user.pk: user.get_short_name() for user in pastors}
    rows = _rows(request, first, end, pastor.pk if pastor else None, SHOWN[view])
    may_write = may(request, "visits:write")
    entry_of = _entries(names=names, may_move=may_write, in_full=view != "month")
    days = _days(first, end, rows, entry_of, all_days=view != "agenda")
    return shown(
        request,
        "visits/calendar.html",
        gettext("Calendar"),
        days=days,
        weekdays=[date_format(entry["date"], "D") for entry in days[:7]],
        heading=_heading(view, day, first, end),
        view=view,
        day=day,
        views=[
            {
                "title": title,
                "url": calendar_address(view=key, day=day, pastor=chosen),
                "is_open": key == view,
            }
            for key, title in VIEWS.items()
        ],
        before=calendar_address(view=view, day=_turned(view, day, -1), pastor=chosen),
        after=calendar_address(view=view, day=_turned(view, day, 1), pastor=chosen),
        now=calendar_address(view=view, pastor=chosen),
        chosen=chosen,
        pastors=pastors,
        may_write=may_write,
    )


def _heading(view: str, day: date, first: date, end: date) -> str:
    if view == "month":
        return date_format(day, "YEAR_MONTH_FORMAT")
    last = end - timedelta(days=1)
    return f"{date_format(first, 'MONTH_DAY_FORMAT')} – {date_format(last, 'DATE_FORMAT')}"


def _rows(request: HttpRequest, first: date, end: date, pastor: uuid.UUID | None, most: int) -> Any:
    """The visits of the stretch, in one query and without instances."""
    user: Any = request.user
    zone = timezone.get_current_timezone()
    visits = Visit.objects.seen_by(user).filter(status__in=STANDING)
    visits = visits.between(datetime.combine(first, time.min, zone), datetime.combine(end, time.min, zone))
    if pastor is not None:
        visits = visits.filter(assigned_pastor=pastor)
    # The database counts: of a full month a page shows a tenth.
    that_day = [F("local_day")]
    return (
        visits.annotate(local_day=TruncDate("scheduled_datetime", tzinfo=zone))
        .annotate(
            place=Window(RowNumber(), partition_by=that_day, order_by=["scheduled_datetime", "id"]),
            there=Window(Count("pk"), partition_by=that_day),
        )
        .filter(place__lte=most)
        .order_by("scheduled_datetime", "id")
        .values_list("local_day", "there", *COLUMNS)
    )


def _days(
    first: date, end: date, rows: Iterable[Any], entry_of: Callable[[Sequence[Any]], Any], *, all_days: bool
) -> list[dict[str, Any]]:
    by_day: dict[date, list[Any]] = defaultdict(list)
    totals: dict[date, int] = {}
    for local_day, total, *row in rows:
        by_day[local_day].append(entry_of(row))
        totals[local_day] = total
    today = timezone.localdate()
    days = [first + timedelta(days=number) for number in range((end - first).days)]
    return [
        {
            "date": day,
            "key": day.isoformat(),
            "number": day.day,
            "title": f"{date_format(day, 'l')}, {date_format(day, 'MONTH_DAY_FORMAT')}",
            "is_today": day == today,
            "visits": by_day[day],
            "more": totals.get(day, 0) - len(by_day[day]),
        }
        for day in days
        if all_days or day in totals
    ]


def _entries(*, names: dict[uuid.UUID, str], may_move: bool, in_full: bool) -> Callable[[Sequence[Any]], Any]:
    """What makes the entry of a row, as plain as the template can take it; ``names`` are the pastors'."""
    zone = timezone.get_current_timezone()
    # One look-up of the address serves all: resolving it for each visit would cost more than the query.
    nobody = str(uuid.UUID(int=0))
    address = reverse("admin:visits_visit_change", args=[nobody])

    def entry(row: Sequence[Any]) -> dict[str, Any]:
        at, key, visitor, kind, status, location, pastor, member, first_name, last_name = row
        local = at.astimezone(zone)
        is_done = status == Visit.Status.COMPLETED
        url = address.replace(nobody, str(key))
        about = (visit_type_name(kind), names.get(pastor, ""), location) if in_full else ()
        return {
            "time": time_format(local, "TIME_FORMAT"),
            "name": f"{first_name} {last_name}" if member else visitor,
            "about": " · ".join(part for part in about if part),
            "mark": " calendar-done" if is_done else "",
            "url": url,
            "move": url.replace("/change/", "/reschedule/") if may_move and not is_done else "",
            "wall": f"{local:%H:%M}",
        }

    return entry
