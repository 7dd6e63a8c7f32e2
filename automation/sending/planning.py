"""Writing messages down that are to be sent, and when the church has something to send next."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from automation.models import AutomatedMessage
from tenants import due

# The kind of due work (``tenants.due``).
KIND = "automation.messages"
MESSAGES_IN_STATEMENT = 1_000


def plan_messages(messages: list[AutomatedMessage]) -> None:
    """Writes messages down and says when the first of them is due; part of the caller's transaction.

    ``scheduled_for`` is final: outside the quiet hours where the person lives.
    """
    AutomatedMessage.objects.bulk_create(messages, batch_size=MESSAGES_IN_STATEMENT)
    times = [message.scheduled_for for message in messages if not message.is_held]
    if times:
        due.plan(KIND, min(times))


def next_due() -> datetime | None:
    """When there is something to do next: a message to send, an interrupted one to find, somebody whose
    way through a sequence goes on.
    """
    messages = AutomatedMessage.objects
    if messages.to_follow().exists():
        return timezone.now()
    first = messages.to_send().filter(claimed_until=None).order_by("scheduled_for")
    claimed = messages.claimed().order_by("claimed_until")
    times = [
        *first.values_list("scheduled_for", flat=True)[:1],
        *claimed.values_list("claimed_until", flat=True)[:1],
    ]
    return min((at for at in times if at is not None), default=None)
