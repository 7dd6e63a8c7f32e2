"""Planning a visit: whom, by whom, and when; free times are offered as buttons.

``?member=<id>&from=prayer_request:<id>`` fills it in for who comes from a person or from a request.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext

from core.admin import may
from members.models import Member
from visits import domain
from visits.models import Visit
from visits.values import KIND

from .forms import PlanForm
from .pages import shown
from .presentation import visit_address, when_text
from .when import day_asked, free_for, start_pressed, time_asked, tried

PEOPLE_FOUND = 10


def origin_of(request: HttpRequest) -> tuple[str, uuid.UUID | None]:
    """Kind and id of what the address says that the visit comes from."""
    kind, _colon, identifier = request.GET.get("from", "").partition(":")
    try:
        return (kind, uuid.UUID(identifier)) if KIND.fullmatch(kind) else ("", None)
    except ValueError:
        return "", None


def _member(request: HttpRequest) -> Member | None:
    try:
        return Member.objects.filter(pk=uuid.UUID(request.GET.get("member", ""))).first()
    except ValueError:
        return None


def plan_visit(request: HttpRequest) -> HttpResponse:
    """The form of a new visit. Needs ``visits:write``."""
    if not may(request, "visits:write"):
        raise PermissionDenied
    member = _member(request)
    form = _form(request, member)
    offered: Any = None
    if request.method == "POST":
        # A button with a free time stands for day and time.
        start = start_pressed(request)
        if start is not None:
            form.fields["day"].required = form.fields["time"].required = False
        if form.is_valid() and "look" not in request.POST:
            visit, offered = _booked(request, form, member, start)
            if visit is not None:
                return HttpResponseRedirect(visit_address(visit))
        if "look" in request.POST:
            # Only asking what is free: what is missing is not a mistake yet.
            form.errors.clear()
    words = request.GET.get("q", "")
    return shown(
        request,
        "visits/plan.html",
        gettext("Plan a visit"),
        form=form,
        member=member,
        words=words,
        found=Member.objects.matching(words)[:PEOPLE_FOUND] if words.strip() else [],
        free=offered or _free(form),
        query=request.GET,
    )


def _form(request: HttpRequest, member: Member | None) -> PlanForm:
    user: Any = request.user
    tomorrow = timezone.localdate() + timedelta(days=1)
    initial = {
        "assigned_pastor": request.GET.get("pastor", str(user.pk)),
        "day": day_asked(request, tomorrow),
        "time": time_asked(request, "10:00"),
        "duration_minutes": 60,
    }
    data = request.POST if request.method == "POST" else None
    return PlanForm(data, initial=initial, has_member=member is not None)


def _free(form: PlanForm) -> Any:
    if not form.is_bound:
        return free_for(form.pastor, form.initial["day"], form.initial["duration_minutes"])
    chosen = form.cleaned_data
    return free_for(form.pastor, chosen.get("day") or timezone.localdate(), chosen.get("duration_minutes"))


def _booked(request: HttpRequest, form: PlanForm, member: Member | None, start: Any) -> Any:
    user: Any = request.user
    kind, identifier = origin_of(request)
    values = {
        **form.values(),
        "member": member,
        "scheduled_datetime": start or form.start(),
        "origin_kind": kind,
        "origin_id": identifier,
    }

    def book() -> Visit:
        return domain.book_visit(user=user, **values)

    visit, offered = tried(form, book)
    if visit is not None:
        messages.success(request, gettext("The visit is planned: %(when)s.") % {"when": when_text(visit)})
    return visit, offered
