"""Messages for tests, made without the doors that others own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from automation.models import AutomatedMessage, BulkMail, EmailTemplate, Enrolment, Sequence, SequenceVersion
from automation.sending.planning import plan_messages
from members.models import Member

PREPARED = {"subject": "Hello {{ member.first_name }}", "body_html": "<p>Hello</p>", "body_text": "Hello"}


def people(count: int, *, address: str = "p{}@example.org") -> list[Member]:
    """New people, each with an address."""
    made = [
        Member(first_name=f"Person {number}", last_name="New", email=address.format(number))
        for number in range(count)
    ]
    return Member.objects.bulk_create(made)


def mail_to(
    recipients: Iterable[Member], *, at: datetime | None = None, **values: Any
) -> list[AutomatedMessage]:
    """A message to many that has begun, one row for each recipient, due now."""
    mail = BulkMail.objects.create(subject="Hello", prepared=PREPARED, status=BulkMail.Status.RUNNING)
    due_at = at or timezone.now() - timedelta(seconds=1)
    messages = [
        AutomatedMessage(
            recipient=person,
            bulk_mail=mail,
            scheduled_for=due_at,
            **{"message_type": mail.message_type, **values},
        )
        for person in recipients
    ]
    plan_messages(messages)
    return messages


def enrolled(
    recipients: Iterable[Member], *, steps: int = 2, at: datetime | None = None, **step: Any
) -> list[Enrolment]:
    """A sequence whose steps follow one another by a day, with these people at its first message, due now."""
    sequence = Sequence.objects.create(name="Welcome", trigger_event="manual", topic="follow_up")
    templates = [
        EmailTemplate.objects.create(sequence=sequence, order_index=number, subject=f"Step {number}")
        for number in range(steps)
    ]
    usual = {**PREPARED, "message_type": "email", "delay_days": 1, "delay_hours": 0, "send_at": None}
    version = SequenceVersion.objects.create(
        sequence=sequence,
        number=1,
        steps=[{**usual, "template_id": str(template.pk), **step} for template in templates],
    )
    enrolments = Enrolment.objects.bulk_create(
        [
            Enrolment(sequence=sequence, version=version, member=person, trigger_event="manual")
            for person in recipients
        ]
    )
    due_at = at or timezone.now() - timedelta(seconds=1)
    plan_messages(
        [
            AutomatedMessage(
                recipient=enrolment.member,
                enrolment=enrolment,
                template=templates[0],
                message_type="email",
                scheduled_for=due_at,
            )
            for enrolment in enrolments
        ]
    )
    return enrolments


def counted(**filters: Any) -> dict[str, int]:
    """How many messages there are of each status."""
    counts: dict[str, int] = {}
    for status in AutomatedMessage.objects.filter(**filters).values_list("status", flat=True):
        counts[status] = counts.get(status, 0) + 1
    return counts
