"""What a church's first page says of visits."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.admin import may
from tenants.sites import TodaySection, church_site
from visits.models import Visit
from visits.querysets import STANDING

VISITS_SHOWN = 12


@church_site.today(position=20)
def visits_of_today(request: HttpRequest) -> TodaySection | None:
    """Today's visits by time; one's own are marked."""
    if not may(request, "visits:read"):
        return None
    user: Any = request.user
    start = datetime.combine(timezone.localdate(), time.min, timezone.get_current_timezone())
    end = datetime.combine(timezone.localdate() + timedelta(days=1), time.min, start.tzinfo)
    visits = Visit.objects.seen_by(user).with_people().filter(status__in=STANDING).between(start, end)
    found = list(visits.order_by("scheduled_datetime", "id")[: VISITS_SHOWN + 1])
    content = {
        "visits": found[:VISITS_SHOWN],
        "has_more": len(found) > VISITS_SHOWN,
        "url": f"{reverse('admin:visits_calendar')}?view=agenda",
        "plan_url": reverse("admin:visits_visit_add") if may(request, "visits:write") else "",
    }
    return TodaySection(_("Today’s visits"), "visits/today_visits.html", content)


@church_site.today(position=25)
def follow_ups(request: HttpRequest) -> TodaySection | None:
    """Whom to look after once more, by the date that was set."""
    if not may(request, "visits:read"):
        return None
    user: Any = request.user
    due = Visit.objects.seen_by(user).with_people().to_follow_up()
    due = due.filter(follow_up_on__lte=timezone.localdate())
    found = list(due[: VISITS_SHOWN + 1])
    content = {
        "visits": found[:VISITS_SHOWN],
        "has_more": len(found) > VISITS_SHOWN,
        "url": f"{reverse('admin:visits_visit_changelist')}?when=follow-up",
        "today": timezone.localdate(),
    }
    return TodaySection(_("Follow-ups due"), "visits/today_follow_ups.html", content)
