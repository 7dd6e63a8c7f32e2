"""What the pages of messages show: a sequence with everything that can be about it."""

from __future__ import annotations

from typing import Any


def sequences(attack: str) -> dict[str, str]:
    """A running sequence with people at each point of it, and a paused one without steps."""
    from automation.enrolling.domain import enrol, leave
    from automation.models import AutomatedMessage, ExitReason
    from automation.sequences import domain
    from members.models import Member

    told = domain.create_sequence(
        name=f"Welcome {attack}", description=f"For whoever is new {attack}", trigger_event="tag_added",
        trigger_tag=attack[:40], exit_when_visited=True,
    )  # fmt: skip
    first = domain.add_step(
        sequence=told,
        subject=f"Good to have you {attack}",
        body_text=f"Dear {{{{ member.first_name | friend }}}},\n\n{attack}",
    )
    text = domain.add_step(sequence=told, message_type="sms", body_text=f"Coffee? {attack}", delay_days=3)
    domain.add_step(sequence=told, subject="L" * 255, body_html="<p>Long</p>", delay_days=1, is_active=False)
    people = list(Member.objects.living().order_by("created_at")[:60])
    enrolled = [enrol(sequence=told, member=person) for person in people]
    leave(enrolments=enrolled[:3], reason=ExitReason.REPLIED)
    messages = AutomatedMessage.objects.filter(enrolment__in=enrolled, status="pending")
    for status, number in (("sent", 20), ("failed", 2), ("unknown", 2)):
        for message in messages.order_by("created_at")[:number]:
            _settle(message, status, attack)
    domain.change_step(template=first, delay_hours=1)
    paused = domain.create_sequence(name="Birthday", trigger_event="birthday")
    domain.pause(sequence=paused)
    return {
        "sequence": str(told.pk),
        "sequence_paused": str(paused.pk),
        "told_step": str(first.pk),
        "told_text": str(text.pk),
        "enrolment": str(enrolled[-1].pk),
    }


def _settle(message: Any, status: str, attack: str) -> None:
    from django.utils import timezone

    now = timezone.now()
    message.status, message.is_followed = status, True
    if status == "sent":
        message.sent_at = message.delivered_at = now
    else:
        message.error_message, message.address = f"550 {attack}", "gone@moab.example"
    message.save()
