"""What a church's first page says of prayer."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.admin import may
from prayer import visibility
from tenants.sites import TodaySection, church_site

from .presentation import request_url

SHOWN = 5
NEW_FOR = timedelta(days=7)


@church_site.today(position=20)
def new_prayer_requests(request: HttpRequest) -> TodaySection | None:
    """What waits for review, urgent first; for who only prays, what is new this week."""
    if not may(request, visibility.READ):
        return None
    writes = may(request, visibility.WRITE)
    requests = visibility.requests_for(request.user).filter(status="active")
    found = requests.to_review() if writes else requests.filter(created_at__gte=timezone.now() - NEW_FOR)
    ordered = found.by_need() if writes else found.order_by("-created_at", "-id")
    rows = [{"prayer": prayer, "url": request_url(prayer)} for prayer in ordered[:SHOWN]]
    state = "review" if writes else "active"
    content = {
        "rows": rows,
        "count": found.count() if len(rows) == SHOWN else len(rows),
        "writes": writes,
        "list_url": f"{reverse('admin:prayer_prayerrequest_changelist')}?show={state}",
        "session_url": reverse("admin:prayer_session"),
    }
    return TodaySection(_("New prayer requests"), "prayer/today.html", content)
