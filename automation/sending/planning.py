"""Planning of messages; a stand-in until the part that delivers them is there."""

from automation.models import AutomatedMessage
from tenants import due

KIND = "automation.messages"


def plan_messages(messages: list[AutomatedMessage]) -> None:
    """Writes messages down and says when the first of them is due; part of the caller's transaction."""
    AutomatedMessage.objects.bulk_create(messages, batch_size=1_000)
    if messages and KIND in due.kinds:
        due.plan(KIND, min(message.scheduled_for for message in messages))
