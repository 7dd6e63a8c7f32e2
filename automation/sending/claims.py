"""Who has which message in hand: taking some, giving back, and finding what was interrupted.

Times of claims are the database's, which all workers share; a clock that is wrong somewhere lets nobody
take what another one is sending.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from automation.models import AutomatedMessage
from automation.querysets import MessageQuerySet

Status = AutomatedMessage.Status


def lease_ends() -> Any:
    """The moment until which a claim holds that is made or renewed now (an expression)."""
    return Now() + timedelta(seconds=settings.MESSAGE_LEASE)


@dataclass(frozen=True)
class Claim:
    """Some messages that this worker has in hand."""

    id: UUID
    messages: list[AutomatedMessage]

    def waiting(self, messages: Iterable[AutomatedMessage]) -> MessageQuerySet:
        """Those of ``messages`` that still are this claim's and are yet to be sent: nobody paused their
        sequence, called them off, or took them because this worker was silent for too long.
        """
        ids = [message.pk for message in messages]
        return AutomatedMessage.objects.to_send().filter(pk__in=ids, claim=self.id)

    def give_back(self, messages: Collection[AutomatedMessage], **changes: Any) -> None:
        """Lets go of messages that were not sent, with ``changes``."""
        if messages:
            self.waiting(messages).update(
                claim=None, claimed_until=None, updated_at=timezone.now(), **changes
            )

    def leave_out(self, messages: Collection[AutomatedMessage], reason: str) -> None:
        """Settles messages that are not sent, for one of ``SkipReason``."""
        self.give_back(messages, status=Status.SKIPPED, skip_reason=reason)


def claim_some(at_most: int, *, now: datetime) -> Claim:
    """Takes messages that are due, the oldest first; another worker passes over them.

    They come with recipient, bulk mail, and enrolment with sequence and version, each of these read once.
    """
    claim = uuid4()
    with transaction.atomic():
        due = AutomatedMessage.objects.to_send().free().filter(scheduled_for__lte=now)
        locked = due.select_for_update(skip_locked=True).order_by("scheduled_for", "id")
        ids = list(locked.values_list("pk", flat=True)[:at_most])
        if not ids:
            return Claim(claim, [])
        AutomatedMessage.objects.filter(pk__in=ids).update(claim=claim, claimed_until=lease_ends())
    messages = (
        AutomatedMessage.objects.filter(pk__in=ids)
        .select_related("recipient", "enrolment")
        .prefetch_related("enrolment__sequence", "enrolment__version", "bulk_mail")
        .order_by("scheduled_for", "id")
    )
    return Claim(claim, list(messages))


def settle_interrupted() -> int:
    """Makes ``unknown`` what was being sent when its worker fell silent; returns how many."""
    return AutomatedMessage.objects.interrupted().update(
        status=Status.UNKNOWN,
        error_message=_("Sending was interrupted. Nobody knows whether it arrived."),
        updated_at=timezone.now(),
    )
