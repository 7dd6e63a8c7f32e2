"""What a person's page shows of sequences: which ones they are in, and adding and taking out by hand."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automation.care import enrolments_for
from automation.enrolling import domain
from automation.models import AutomatedMessage, Enrolment, ExitReason, Sequence, Trigger
from core.admin import may
from members.admin.people_pages import people_pages
from members.admin.person_page import person_page, person_url
from members.models import Member

READ, WRITE = "automation:read", "automation:write"
TAB = "sequences"
MOST_SHOWN = 100


@person_page.tab(TAB, _("Sequences"), "automation/person_tab.html", position=35, permission=READ)
def sequences_of(request: HttpRequest, person: Member) -> dict[str, Any]:
    """Every way through a sequence, the newest first, with what comes next. Three queries."""
    user: Any = request.user
    found = list(enrolments_for(user).filter(member=person).order_by("-created_at", "-id")[:MOST_SHOWN])
    pending = AutomatedMessage.objects.filter(
        enrolment__in=[enrolment.pk for enrolment in found], status=AutomatedMessage.Status.PENDING
    )
    planned = {message.enrolment_id: message for message in pending}
    under_way = {way.sequence_id for way in found if way.status == Enrolment.Status.ACTIVE}
    return {
        "rows": [{"enrolment": enrolment, "planned": planned.get(enrolment.pk)} for enrolment in found],
        "offered": [one for one in Sequence.objects.running() if one.pk not in under_way],
        "may_write": may(request, WRITE),
    }


@people_pages.page(
    "<uuid:person_id>/sequences/add/", "person_sequence_add", permission=WRITE, methods=["POST"]
)
def add(request: HttpRequest, person: Member) -> HttpResponse:
    """Takes the person into the sequence that was chosen."""
    user: Any = request.user
    try:
        identifier = uuid.UUID(request.POST.get("sequence", ""))
    except ValueError:
        messages.error(request, gettext("Choose a sequence."))
        return HttpResponseRedirect(person_url(person, TAB))
    sequence = get_object_or_404(Sequence.objects.present(), pk=identifier)
    try:
        domain.enrol(sequence=sequence, member=person, trigger=Trigger.MANUAL, user=user)
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
    else:
        messages.success(request, gettext("The sequence begins for %(name)s.") % {"name": person})
    return HttpResponseRedirect(person_url(person, TAB))


@people_pages.page(
    "<uuid:person_id>/sequences/<uuid:enrolment_id>/leave/",
    "person_sequence_leave",
    permission=WRITE,
    methods=["POST"],
)
def leave(request: HttpRequest, person: Member, enrolment_id: uuid.UUID) -> HttpResponse:
    """Takes the person out of a sequence."""
    user: Any = request.user
    enrolment = get_object_or_404(enrolments_for(user), pk=enrolment_id, member=person)
    domain.leave(enrolments=[enrolment], reason=ExitReason.TAKEN_OUT)
    messages.success(request, gettext("%(name)s gets nothing more of this sequence.") % {"name": person})
    return HttpResponseRedirect(person_url(person, TAB))
