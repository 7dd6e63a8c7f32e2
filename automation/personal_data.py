"""What this room knows of a person, and what an erasure does with it. What becomes of declined addresses is
declared in ``automation.consent``.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from members.models import Member
from members.personal_data.registry import Erasure, Fate, Row, on_erasure, section

from .enrolling.domain import leave
from .models import AutomatedMessage, Enrolment, ExitReason, ProviderEvent


@section("sequences", _("Sequences"), models=[Enrolment], labels={"created_at": _("since")})
def enrolments(member: Member) -> Iterable[Row]:
    found = Enrolment.objects.filter(member=member).select_related("sequence", "enrolled_by")
    for enrolment in found.order_by("created_at", "id"):
        yield {
            "sequence": enrolment.sequence.name,
            "created_at": enrolment.created_at,
            "trigger_event": str(enrolment.get_trigger_event_display()),
            "status": str(enrolment.get_status_display()),
            "exit_reason": str(enrolment.get_exit_reason_display()),
            "ended_at": enrolment.ended_at,
            "enrolled_by": str(enrolment.enrolled_by or ""),
        }


@section(
    "messages",
    _("Messages"),
    models=[AutomatedMessage, ProviderEvent],
    labels={"subject": _("subject"), "reports": _("what the provider reported")},
)
def messages(member: Member) -> Iterable[Row]:
    found = AutomatedMessage.objects.filter(recipient=member).select_related("template", "bulk_mail")
    for message in found.prefetch_related("events").order_by("scheduled_for", "id"):
        yield {
            "scheduled_for": message.scheduled_for,
            "message_type": str(message.get_message_type_display()),
            "subject": str(message.template or message.bulk_mail or ""),
            "status": str(message.get_status_display()),
            "skip_reason": str(message.get_skip_reason_display()),
            "sent_at": message.sent_at,
            "address": message.address,
            "delivered_at": message.delivered_at,
            "bounced_at": message.bounced_at,
            "complained_at": message.complained_at,
            "clicked_at": message.clicked_at,
            "reports": [
                f"{event.get_kind_display()} {event.occurred_at.isoformat()}"
                for event in message.events.all()
            ],
        }


def wipe_enrolments(erasure: Erasure) -> None:
    """They end; that somebody went through a sequence stays, for its numbers."""
    theirs = Enrolment.objects.filter(member__in=erasure.member_ids)
    leave(enrolments=list(theirs.under_way()), reason=ExitReason.TAKEN_OUT)
    theirs.update(origin_kind="", origin_id=None, merge_values={})


def wipe_messages(erasure: Erasure) -> None:
    """What was still to come of messages to many is called off; that something was sent stays, without
    where it went.
    """
    theirs = AutomatedMessage.objects.filter(recipient__in=erasure.member_ids)
    theirs.filter(status=AutomatedMessage.Status.PENDING).update(
        status=AutomatedMessage.Status.SKIPPED, skip_reason=AutomatedMessage.SkipReason.CANCELLED
    )
    theirs.update(address="", error_message="", once_key=None, provider_id="")


def wipe_reports(erasure: Erasure) -> None:
    ProviderEvent.objects.filter(message__recipient__in=erasure.member_ids).update(detail="")


on_erasure(ProviderEvent, Fate.WIPED, wipe_reports)
on_erasure(Enrolment, Fate.WIPED, wipe_enrolments)
on_erasure(AutomatedMessage, Fate.WIPED, wipe_messages)
