"""What can be done with a visit: moving it, completing it, calling it off, looking after somebody later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from core.admin import may
from members.confidential.domain import CONFIDENTIAL
from visits import domain
from visits.models import Visit

from .forms import CompletionForm, FollowUpForm, WhenForm
from .pages import BOTH, shown, visit_pages
from .presentation import visit_address, when_text
from .when import day_asked, free_for, start_pressed, time_asked, tried


@visit_pages.page("<uuid:visit_id>/reschedule/", "visit_reschedule", permission="visits:write", methods=BOTH)
def reschedule(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Another time: as it is typed, as a free one is pressed, or as the calendar was dragged to
    (``?day=2026-05-01&time=10:00``), which is shown here before anything is moved.
    """
    local = timezone.localtime(visit.scheduled_datetime)
    initial = {
        "assigned_pastor": str(visit.assigned_pastor_id or ""),
        "day": day_asked(request, local.date()),
        "time": time_asked(request, local.strftime("%H:%M")),
        "duration_minutes": visit.duration_minutes,
    }
    form = WhenForm(request.POST if request.method == "POST" else None, initial=initial)
    offered: Any = None
    if request.method == "POST":
        start = start_pressed(request)
        if start is not None:
            form.fields["day"].required = form.fields["time"].required = False
        if form.is_valid() and "look" not in request.POST:
            moved, offered = _moved(request, form, visit, start)
            if moved is not None:
                return HttpResponseRedirect(visit_address(moved))
        if "look" in request.POST:
            form.errors.clear()
    chosen = form.cleaned_data if form.is_bound else form.initial
    day = chosen.get("day") or local.date()
    free = offered or free_for(form.pastor, day, chosen.get("duration_minutes"), besides=visit)
    return shown(
        request,
        "visits/reschedule.html",
        gettext("Move the visit"),
        form=form,
        visit=visit,
        when=when_text(visit),
        free=free,
        is_asked="day" in request.GET and request.method != "POST",
        back_url=visit_address(visit),
    )


def _moved(request: HttpRequest, form: WhenForm, visit: Visit, start: Any) -> Any:
    user: Any = request.user

    def move() -> Visit:
        return domain.reschedule_visit(
            visit=visit,
            user=user,
            scheduled_datetime=start or form.start(),
            outside_hours=form.cleaned_data["outside_hours"],
            duration_minutes=form.cleaned_data["duration_minutes"],
            assigned_pastor=form.pastor,
        )

    moved, offered = tried(form, move)
    if moved is not None:
        messages.success(request, gettext("The visit was moved to %(when)s.") % {"when": when_text(moved)})
    return moved, offered


@visit_pages.page("<uuid:visit_id>/complete/", "visit_complete", permission="visits:write", methods=BOTH)
def complete(request: HttpRequest, visit: Visit) -> HttpResponse:
    """How it went, the report, and the follow-up, in one step."""
    user: Any = request.user
    form = CompletionForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if value or name == "outcome"}
        try:
            domain.complete_visit(visit=visit, user=user, **values)
            messages.success(request, gettext("The visit is done."))
            return HttpResponseRedirect(visit_address(visit))
        except ValidationError as refusal:
            form.refuse(refusal)
    return _page(request, visit, form, gettext("Complete the visit"), gettext("The visit is done"))


@visit_pages.page("<uuid:visit_id>/cancel/", "visit_cancel", permission="visits:write", methods=BOTH)
def cancel(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Asks, and calls the visit off when that was sent."""
    user: Any = request.user
    if request.method == "POST":
        try:
            domain.cancel_visit(visit=visit, user=user)
            messages.success(request, gettext("The visit is cancelled."))
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return HttpResponseRedirect(visit_address(visit))
    return _page(request, visit, None, gettext("Cancel the visit"), gettext("Cancel the visit"))


@visit_pages.page("<uuid:visit_id>/follow-up/", "visit_follow_up", permission="visits:write", methods=BOTH)
def follow_up(request: HttpRequest, visit: Visit) -> HttpResponse:
    """When to look after somebody once more; ``done`` ends it."""
    if request.method == "POST" and "done" in request.POST:
        domain.plan_follow_up(visit=visit, follow_up_on=None)
        messages.success(request, gettext("The follow-up is done."))
        return HttpResponseRedirect(visit_address(visit))
    usual = visit.follow_up_on or timezone.localdate() + timedelta(days=14)
    form = FollowUpForm(request.POST if request.method == "POST" else None, initial={"follow_up_on": usual})
    if form.is_valid():
        domain.plan_follow_up(visit=visit, **form.cleaned_data)
        messages.success(request, gettext("The follow-up is planned."))
        return HttpResponseRedirect(visit_address(visit))
    return _page(request, visit, form, gettext("Plan a follow-up"), gettext("Save"))


def _page(request: HttpRequest, visit: Visit, form: Any, title: str, verb: str) -> HttpResponse:
    plan = reverse("admin:visits_visit_add")
    about = f"member={visit.member_id}&" if visit.member_id else ""
    return shown(
        request,
        "visits/verb.html",
        title,
        visit=visit,
        when=when_text(visit),
        form=form,
        verb=verb,
        is_follow_up=isinstance(form, FollowUpForm),
        plan_url=f"{plan}?{about}from={domain.VISIT}:{visit.pk}",
        may_report=may(request, CONFIDENTIAL),
        back_url=visit_address(visit),
    )
