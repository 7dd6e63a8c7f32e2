"""Who is in a sequence and where: the list, adding somebody, taking somebody out."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext

from automation.care import enrolments_for
from automation.enrolling import domain
from automation.models import AutomatedMessage, Enrolment, ExitReason, Sequence, Trigger
from automation.sequences.domain import steps_of
from core.admin import may
from members.admin.person_page import person_url
from members.models import Member

from .forms import SearchForm
from .pages import BOTH, READ, WRITE, people_url, say, sequence_pages, story_url
from .presentation import state_mark, step_name
from .shown import demand_people, shown

SHOWN = 50
FOUND_SHOWN = 20
TO_COME = (AutomatedMessage.Status.PENDING, AutomatedMessage.Status.PROCESSING)


@sequence_pages.page("<uuid:sequence_id>/people/", "sequence_people", permission=READ)
def people(request: HttpRequest, sequence: Sequence) -> HttpResponse:
    """Everybody who was ever in it, the newest first; ``status`` and ``step`` show some of them."""
    demand_people(request)
    steps = steps_of(sequence)
    status = request.GET.get("status", "")
    status = status if status in Enrolment.Status.values else ""
    step = next((one for one in steps if str(one.pk) == request.GET.get("step")), None)
    found = _found(request, sequence, status, step)
    page = Paginator(found, SHOWN).get_page(request.GET.get("page"))
    return shown(
        request,
        "automation/people.html",
        gettext("People in “%(sequence)s”") % {"sequence": sequence.name},
        sequence=sequence,
        page=page,
        rows=[_row(enrolment) for enrolment in page],
        statuses=Enrolment.Status.choices,
        status=status,
        steps=[(str(one.pk), step_name(one)) for one in steps],
        step=str(step.pk) if step else "",
        page_url=people_url(sequence, status=status, step=step.pk if step else ""),
        story_url=story_url(sequence),
        may_write=may(request, WRITE),
    )


def _known(request: HttpRequest, sequence: Sequence) -> Any:
    """The enrolments of which whoever asks may know."""
    user: Any = request.user
    return enrolments_for(user).filter(sequence=sequence).select_related("member")


def _found(request: HttpRequest, sequence: Sequence, status: str, step: Any) -> Any:
    """The enrolments to show; of ``step`` those who wait for it."""
    to_come = AutomatedMessage.objects.filter(status__in=TO_COME)
    found = _known(request, sequence).order_by("-created_at", "-id")
    if status:
        found = found.filter(status=status)
    if step is not None:
        found = found.filter(Exists(to_come.filter(enrolment=OuterRef("pk"), template=step)))
    planned = to_come.select_related("template").order_by("scheduled_for")
    return found.prefetch_related(Prefetch("messages", planned, to_attr="to_come"))


def _row(enrolment: Any) -> dict[str, Any]:
    planned = enrolment.to_come[0] if enrolment.to_come else None
    return {
        "enrolment": enrolment,
        "person_url": person_url(enrolment.member),
        "state": state_mark(enrolment),
        "is_active": enrolment.status == Enrolment.Status.ACTIVE,
        "next": planned,
        "next_name": step_name(planned.template) if planned and planned.template else "",
        "reason": enrolment.get_exit_reason_display() if enrolment.exit_reason else "",
    }


@sequence_pages.page("<uuid:sequence_id>/people/add/", "sequence_people_add", permission=WRITE, methods=BOTH)
def add(request: HttpRequest, sequence: Sequence) -> HttpResponse:
    """Looks for a person by name; each one found has a button, which lets the sequence begin for them."""
    demand_people(request)
    if request.method == "POST":
        return _enrolled(request, sequence)
    search = SearchForm(request.GET)
    there = sequence.enrolments.under_way().values("member")
    found = Member.objects.matching(search.words).living().exclude(pk__in=there)
    return shown(
        request,
        "automation/add_person.html",
        gettext("Add somebody to “%(sequence)s”") % {"sequence": sequence.name},
        sequence=sequence,
        search=search,
        found=list(found[:FOUND_SHOWN]),
        most=FOUND_SHOWN,
        back_url=people_url(sequence),
    )


def _enrolled(request: HttpRequest, sequence: Sequence) -> HttpResponse:
    user: Any = request.user
    try:
        member = get_object_or_404(Member, pk=uuid.UUID(request.POST.get("member", "")))
        domain.enrol(sequence=sequence, member=member, trigger=Trigger.MANUAL, user=user)
        messages.success(request, gettext("The sequence begins for %(name)s.") % {"name": member})
    except ValueError:
        messages.error(request, gettext("Choose a person."))
    except ValidationError as refusal:
        say(request, refusal)
    return HttpResponseRedirect(people_url(sequence))


@sequence_pages.page(
    "<uuid:sequence_id>/people/<uuid:enrolment_id>/take-out/",
    "sequence_take_out",
    permission=WRITE,
    methods=BOTH,
)
def take_out(request: HttpRequest, sequence: Sequence, enrolment_id: uuid.UUID) -> HttpResponse:
    """Asks, and takes somebody out when that was sent."""
    demand_people(request)
    enrolment = get_object_or_404(_known(request, sequence), pk=enrolment_id)
    name = {"name": str(enrolment.member)}
    if request.method == "POST":
        try:
            domain.leave(enrolments=[enrolment], reason=ExitReason.TAKEN_OUT)
            messages.success(request, gettext("%(name)s gets nothing more of this sequence.") % name)
        except ValidationError as refusal:
            say(request, refusal)
        return HttpResponseRedirect(people_url(sequence))
    return shown(
        request,
        "automation/confirm.html",
        gettext("Take %(name)s out") % name,
        lead=gettext("%(name)s gets nothing more of “%(sequence)s”.") % {**name, "sequence": sequence.name},
        note=gettext("What was sent already stays as it is."),
        verb=gettext("Take out"),
        back_url=reverse("admin:sequence_people", args=[sequence.pk]),
    )
