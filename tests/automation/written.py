"""Messages that tests need, made in the church that was entered."""

from __future__ import annotations

from typing import Any

from automation.bulk_mail.domain import write_draft
from automation.models import BulkMail, EmailTemplate, Sequence
from automation.writing.checking import checked_message


def a_step(trigger: str = "manual", **values: Any) -> EmailTemplate:
    """The only step of a new sequence."""
    stated = {
        "message_type": "email",
        "subject": "Welcome, {{ member.first_name | friend }}",
        "body_text": "Dear {{ member.called | friend }},\n\nwelcome to {{ church.name }}.",
        **values,
    }
    sequence = Sequence.objects.create(name="Welcome", trigger_event=trigger)
    kept = checked_message(**stated, trigger=trigger)
    return EmailTemplate.objects.create(
        sequence=sequence, message_type=stated["message_type"], order_index=1, **kept
    )


def a_draft(user: Any, **values: Any) -> BulkMail:
    """A message to everybody of which nothing is sent yet."""
    stated = {
        "subject": "Summer fair",
        "body_text": "Dear {{ member.first_name }},\n\ncome to the *fair*.",
        "rule": None,
        "audience": "Everybody",
    }
    return write_draft(user=user, **{**stated, **values})
