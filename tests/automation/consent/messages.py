"""A message as it stands after it was sent."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

JANE = {"email": "Jane@Example.org", "phone": "+12175550199"}


def written_message(
    *,
    channel: str = "email",
    topic: str = "news",
    member: Any = None,
    address: str | None = None,
    exit_when_replied: bool = True,
) -> Any:
    """A message of a sequence about ``topic`` to ``member`` (a new person called Jane), who is in it."""
    from automation.models import AutomatedMessage, Enrolment, Sequence, SequenceVersion
    from members.domain import create_member

    person = member or create_member(first_name="Jane", last_name="Doe", **JANE)
    sequence = Sequence.objects.create(
        name="News", trigger_event="manual", topic=topic, exit_when_replied=exit_when_replied
    )
    version = SequenceVersion.objects.create(sequence=sequence, number=1)
    enrolment = Enrolment.objects.create(
        sequence=sequence, version=version, member=person, trigger_event="manual"
    )
    to = {"email": person.email, "sms": person.phone}[channel]
    return AutomatedMessage.objects.create(
        recipient=person,
        enrolment=enrolment,
        message_type=channel,
        status=AutomatedMessage.Status.SENT,
        scheduled_for=timezone.now(),
        sent_at=timezone.now(),
        address=to if address is None else address,
    )
