"""Messages that the pages in the browser show: a step of each kind, a draft, and one on its way."""

from __future__ import annotations

from typing import Any

from tests.automation.written import a_draft, a_step

TEXT = """# Come and see
Dear *{{ member.called | friend }}*,

there is _much_ to see on [our page]({{ church.url }}/events/):

- cake
- <script>alert(7)</script>

{{ member.full_name }}, we are glad of you."""


def messages(anna: Any) -> dict[str, str]:
    """Keys of steps and of messages to many."""
    from automation.bulk_mail import domain, running

    sent = a_draft(anna, body_text=TEXT, subject="On its way {{ member.first_name }}")
    reached = domain.recipients_for(sent, anna).reached
    domain.confirm(mail=sent, user=anna, expected=reached, seen=domain.state_of(sent))
    running.run()
    return {
        "step": str(a_step(body_text=TEXT).pk),
        "sms_step": str(a_step(message_type="sms", subject="", body_text="Hello {{ member.first_name }}").pk),
        "mail": str(a_draft(anna, body_text=TEXT).pk),
        "mail_sms": str(a_draft(anna, message_type="sms", subject="", body_text="Fair on Sunday!").pk),
        "mail_sent": str(sent.pk),
    }
