"""Messages of which somebody has to decide: those that failed, and those that were interrupted."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automation.bulk_mail.reading import mails_for
from automation.care import enrolments_for
from automation.models import AutomatedMessage, EmailTemplate, Sequence
from automation.sending.domain import leave_as_it_is, send_again
from core.admin import may
from members.admin.person_page import person_url

from .pages import READ, WRITE, go_through, messages_url, sequence_pages, story_url
from .presentation import step_name
from .shown import demand_people, shown

SHOWN = 50
Status = AutomatedMessage.Status
KINDS = {Status.UNKNOWN: _("Interrupted"), Status.FAILED: _("Failed")}
DOORS = {
    "again": (send_again, _("The message is sent again.")),
    "leave": (leave_as_it_is, _("The message stays as it is.")),
}


def to_decide_for(user: Any) -> Any:
    """Messages of which somebody has to decide, and of which ``user`` may know."""
    # Asked for each of the few messages, not once for everybody who ever was in a sequence.
    of_sequences = Exists(enrolments_for(user).filter(pk=OuterRef("enrolment")))
    of_mails = Exists(mails_for(user).filter(pk=OuterRef("bulk_mail")))
    return AutomatedMessage.objects.to_decide().filter(of_sequences | of_mails)


def numbers_to_decide(user: Any, sequence: Sequence) -> dict[tuple[uuid.UUID, str], int]:
    """Step and status -> how many messages of the sequence wait for a decision. One query."""
    found = to_decide_for(user).filter(template__sequence=sequence).order_by()
    rows = found.values_list("template_id", "status").annotate(number=Count("pk"))
    return {(template_id, status): number for template_id, status, number in rows}


@sequence_pages.page("messages/", "automation_messages", permission=READ)
def show(request: HttpRequest) -> HttpResponse:
    """Those of a ``sequence``, of a ``step``, of one kind (``show``), or all; the newest first."""
    demand_people(request)
    sequence = _chosen(Sequence.objects.present(), request.GET.get("sequence", ""))
    step = _chosen(EmailTemplate.objects.all(), request.GET.get("step", ""))
    kind = request.GET.get("show", "")
    kind = kind if kind in KINDS else ""
    found = to_decide_for(request.user)
    if sequence is not None:
        found = found.filter(enrolment__sequence=sequence)
    if step is not None:
        found = found.filter(template=step)
    if kind:
        found = found.filter(status=kind)
    ordered = found.select_related("recipient", "template", "bulk_mail", "enrolment__sequence")
    page = Paginator(ordered.order_by("-scheduled_for", "-id"), SHOWN).get_page(request.GET.get("page"))
    chosen = {"sequence": sequence.pk if sequence else "", "step": step.pk if step else ""}
    tabs = [("", _("All")), *KINDS.items()]
    return shown(
        request,
        "automation/messages.html",
        gettext("Messages that did not go out"),
        sequence=sequence,
        step_name=step_name(step) if step else "",
        page=page,
        rows=[_row(message) for message in page],
        tabs=[
            {"title": title, "url": messages_url(**chosen, show=name), "is_open": name == kind}
            for name, title in tabs
        ],
        page_url=messages_url(**chosen, show=kind),
        all_url=messages_url(),
        story_url=story_url(sequence) if sequence else "",
        may_write=may(request, WRITE),
    )


def _chosen(rows: Any, key: str) -> Any:
    try:
        return get_object_or_404(rows, pk=uuid.UUID(key)) if key else None
    except ValueError:
        raise Http404 from None


def _row(message: Any) -> dict[str, Any]:
    enrolment = message.enrolment
    return {
        "message": message,
        "person_url": person_url(message.recipient),
        "name": step_name(message.bulk_mail or message.template)
        if message.bulk_mail or message.template
        else "",
        "sequence": enrolment.sequence.name if enrolment else "",
        "is_unknown": message.status == Status.UNKNOWN,
    }


@sequence_pages.page(
    "messages/<uuid:message_id>/", "automation_message_act", permission=WRITE, methods=["POST"]
)
def act(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """Sends it again, or leaves it as it is; back to the list that was looked at."""
    demand_people(request)
    message = get_object_or_404(to_decide_for(request.user), pk=message_id)
    go_through(request, DOORS, message=message)
    kept = {name: request.GET.get(name, "") for name in ("sequence", "step", "show")}
    return HttpResponseRedirect(
        messages_url(**{name: value for name, value in kept.items() if _is_plain(value)})
    )


def _is_plain(value: str) -> bool:
    """Whether it is an id or a word: nothing else goes into an address."""
    return value.replace("-", "").isalnum() and value.isascii()
