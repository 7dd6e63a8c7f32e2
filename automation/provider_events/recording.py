"""What providers report of messages becomes part of them, each report once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from anymail.signals import EventType, RejectReason
from django.db import transaction
from django.utils import timezone

from automation.consent.domain import suppress
from automation.consent.preferences import addresses_of, topic_of
from automation.models import AutomatedMessage, ProviderEvent, Suppression
from automation.sending.domain import note_arrival
from members.querysets import ERASED
from tenants.context import ChurchUnavailableError, enter_church

from .hardness import is_final

Kind, Reason = ProviderEvent.Kind, Suppression.Reason
LONGEST_ID = 255
LONGEST_DETAIL = 500
# What is written into the message for each kind of report, at the first of them.
COLUMNS = {
    Kind.DELIVERED: "delivered_at",
    Kind.BOUNCED: "bounced_at",
    Kind.FAILED: "bounced_at",
    Kind.COMPLAINED: "complained_at",
    Kind.CLICKED: "clicked_at",
}
# It was sent, whatever a crash left open.
ARRIVED = {Kind.DELIVERED, Kind.COMPLAINED, Kind.CLICKED}
KINDS = {
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.BOUNCED: Kind.BOUNCED,
    EventType.REJECTED: Kind.FAILED,
    EventType.FAILED: Kind.FAILED,
    EventType.COMPLAINED: Kind.COMPLAINED,
    EventType.CLICKED: Kind.CLICKED,
    EventType.UNSUBSCRIBED: Kind.UNSUBSCRIBED,
}
# The provider did not even try, because of what it remembers of the address.
REJECTIONS = {
    RejectReason.BOUNCED: Reason.BOUNCED,
    RejectReason.INVALID: Reason.BOUNCED,
    RejectReason.SPAM: Reason.COMPLAINED,
    RejectReason.UNSUBSCRIBED: Reason.UNSUBSCRIBED,
}


@dataclass(frozen=True)
class Report:
    """One report, in this program's words. ``declines`` is why the address gets nothing more, or empty."""

    event_id: str
    kind: str
    at: datetime
    detail: str = ""
    declines: str = ""


def receive(sender: Any, event: Any, esp_name: str, **_more: Any) -> None:
    """Receives anymail's ``tracking``. What names no message of ours is nothing to us."""
    kind = KINDS.get(event.event_type)
    found = _named(event.metadata)
    if kind is None or found is None:
        return
    church, message = found
    record(church_id=church, message_id=message, report=_report(event, kind, esp_name))


def record(*, church_id: UUID, message_id: UUID, report: Report) -> bool:
    """Writes a report down at the church's message; False where there is no such message there, or the
    report was known. A suspended church's people have declined, too.
    """
    try:
        with enter_church(church_id, even_suspended=True):
            return _write(message_id, report)
    except ChurchUnavailableError:
        return False


@transaction.atomic
def _write(message_id: UUID, report: Report) -> bool:
    found = AutomatedMessage.objects.select_related("recipient", "enrolment__sequence", "bulk_mail")
    message = found.filter(pk=message_id).first()
    if message is None:
        return False
    _event, is_new = ProviderEvent.objects.get_or_create(
        event_id=report.event_id,
        defaults={
            "message": message,
            "kind": report.kind,
            "occurred_at": report.at,
            # What a mail server says has the address in it.
            "detail": "" if message.recipient.membership_status == ERASED else report.detail,
        },
    )
    if not is_new:
        return False
    if column := COLUMNS.get(Kind(report.kind)):
        # The first time counts; and nothing else of the row, at which a worker may be writing.
        AutomatedMessage.objects.filter(pk=message.pk, **{column: None}).update(**{column: report.at})
    if report.kind in ARRIVED:
        note_arrival(message_id=message.pk, at=report.at)
    if report.declines:
        _decline(message, report.declines)
    return True


def _decline(message: AutomatedMessage, reason: str) -> None:
    known = addresses_of(message).get(message.message_type, [])
    # Where it went, and not where the next one would go: that address may be good.
    address = message.address or next(iter(known), "")
    topic = topic_of(message) if reason == Reason.UNSUBSCRIBED else ""
    if address:
        suppress(channel=message.message_type, address=address, topic=topic, reason=reason)


def _named(metadata: Any) -> tuple[UUID, UUID] | None:
    """Church and message that the metadata of a mail name."""
    try:
        return UUID(str(metadata["church_id"])), UUID(str(metadata["message_id"]))
    except (KeyError, TypeError, ValueError):
        return None


def _report(event: Any, kind: str, provider: str) -> Report:
    declines = ""
    if kind == Kind.BOUNCED and is_final(event):
        declines = Reason.BOUNCED
    elif kind == Kind.FAILED:
        declines = REJECTIONS.get(event.reject_reason, "")
    elif kind in {Kind.COMPLAINED, Kind.UNSUBSCRIBED}:
        declines = Reason[kind.upper()]
    told = " ".join(str(part) for part in (event.description, event.mta_response) if part)
    return Report(
        event_id=_event_id(event, provider),
        kind=kind,
        at=_moment(event.timestamp),
        detail=told.replace("\x00", "")[:LONGEST_DETAIL],
        declines=declines,
    )


def _event_id(event: Any, provider: str) -> str:
    """The provider's id of the event; where it gives none, a digest of what makes it this one."""
    parts = [event.event_id] if event.event_id else [event.message_id, event.timestamp]
    text = "|".join(str(part) for part in (event.event_type, *parts, event.recipient))
    return f"{provider}:{hashlib.sha256(text.encode()).hexdigest()}"


def _moment(value: Any) -> datetime:
    now = timezone.now()
    if not isinstance(value, datetime) or timezone.is_naive(value):
        return now
    return min(value, now)
