"""Single mails to people who do not sign in: members and guests, who are told of one thing.

Sequences and mail to many are another room's.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from tenants.context import current_church
from tenants.tasks import church_job, enqueue


def mail_soon(*, to: str, template: str, values: dict[str, Any], reply_to: str = "") -> None:
    """Queues one mail, sent if and only if the caller's transaction commits.

    ``template`` is a text file whose first line is the subject and whose rest, behind a blank line, is the
    mail; it finds ``values`` (JSON's types) and ``church`` in its context, in the church's language and
    time zone. Nothing is queued without an address.
    """
    if to:
        enqueue(send_mail, to=to, template=template, values=values, reply_to=reply_to)


@church_job
def send_mail(*, to: str, template: str, values: dict[str, Any], reply_to: str) -> None:
    """Sends one mail that ``mail_soon`` queued."""
    church = current_church()
    with translation.override(church.language), timezone.override(church.timezone):
        text = render_to_string(template, {**values, "church": church})
    subject, _, body = text.strip().partition("\n")
    EmailMessage(
        subject.strip(),
        body.strip() + "\n",
        f"{church.name} <{settings.DEFAULT_FROM_EMAIL}>",
        to=[to],
        reply_to=[reply_to] if reply_to else None,
    ).send()
