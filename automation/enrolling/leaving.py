"""Why somebody leaves a sequence, asked at the moment of sending."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from automation.models import AutomatedMessage, ExitReason

GONE = {"deceased": ExitReason.DECEASED, "archived": ExitReason.ARCHIVED}


def why_leave(messages: Collection[AutomatedMessage]) -> dict[UUID, ExitReason]:
    """Message id -> why its recipient leaves the sequence now, for those who do. The messages come with
    ``recipient``, ``enrolment`` and ``enrolment__sequence``; those of messages to many are asked too, for
    whom a reason means just that nothing is sent. A few queries for any number.
    """
    reasons: dict[UUID, ExitReason] = {}
    for message in messages:
        if reason := GONE.get(message.recipient.membership_status):
            reasons[message.pk] = reason
    return reasons
