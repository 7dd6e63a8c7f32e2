"""What a church's first page says of its people."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.admin import may
from members.models import Member
from members.rules.days import coming_birthdays, start_of, start_of_week
from tenants.sites import TodaySection, church_site

from .birthdays import age_on
from .presentation import status_name

PEOPLE_SHOWN = 8
BIRTHDAYS_SHOWN = 20
DAYS_AHEAD = 7


def _list_of(**chosen: str) -> str:
    return f"{reverse('admin:members_member_changelist')}?{urlencode(chosen)}"


@church_site.today(position=60)
def people_in_numbers(request: HttpRequest) -> TodaySection | None:
    """How many people there are, by status; each number leads to the list behind it."""
    if not may(request, "members:read"):
        return None
    statuses = Member.objects.order_by().values_list("membership_status")
    rows = [
        {"name": status_name(status), "count": count, "url": _list_of(status=status)}
        for status, count in statuses.annotate(count=Count("pk")).order_by("-count")
    ]
    total = sum(int(row["count"]) for row in rows)
    for row in rows:
        row["share"] = round(100 * int(row["count"]) / total)
    return TodaySection(_("People"), "members/today_numbers.html", {"rows": rows, "total": total})


@church_site.today(position=70)
def new_people(request: HttpRequest) -> TodaySection | None:
    """Who was added since the week began."""
    if not may(request, "members:read"):
        return None
    added = Member.objects.filter(created_at__gte=start_of(start_of_week(timezone.localdate())))
    content = {
        "people": added.order_by("-created_at", "id")[:PEOPLE_SHOWN],
        "count": added.count(),
        "url": _list_of(added="week"),
    }
    return TodaySection(_("Added this week"), "members/today_new.html", content)


@church_site.today(position=50)
def birthdays(request: HttpRequest) -> TodaySection | None:
    """Whose birthday is today or in the next six days."""
    if not may(request, "members:read"):
        return None
    days = coming_birthdays(timezone.localdate(), DAYS_AHEAD)
    people: list[dict[str, Any]] = []
    for person in Member.objects.living().born_on(list(days)):
        day = days[person.birth_date[-5:]]
        people.append({"person": person, "day": day, "age": age_on(person.birth_date, day)})
    people.sort(key=lambda entry: entry["day"])
    return TodaySection(
        _("Birthdays in the next seven days"),
        "members/today_birthdays.html",
        {
            "people": people[:BIRTHDAYS_SHOWN],
            "more": max(0, len(people) - BIRTHDAYS_SHOWN),
            "today": timezone.localdate(),
        },
    )
