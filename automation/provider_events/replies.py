"""Somebody answered a text message: it is written down, sequences end, and the team is told."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as text_now
from django.utils.translation import gettext_lazy as _

from automation.enrolling.domain import leave
from automation.models import AutomatedMessage, Enrolment, ExitReason, ProviderEvent
from members.querysets import ERASED
from notifications.domain import notify, users_with
from notifications.kinds import Kind, register

REPLIED = "automation.replied"
NEEDED = "automation:write"
# So much fits into ten parts.
LONGEST_REPLY = 1_600


def name_kinds() -> None:
    """Names what users are told of; called once when the program starts."""
    register(
        Kind(
            REPLIED,
            _("Answer to a text message"),
            lambda _data: text_now("Somebody answered a text message of yours"),
            permission=NEEDED,
        )
    )


@transaction.atomic
def record_reply(*, event_id: str, message_id: UUID, text: str) -> bool:
    """Writes down what the recipient of a message answered; False where it was known.

    Every sequence that is to end with an answer ends for them. Users who write messages are told that
    there is an answer, and of it nothing: it stands on the person's page.
    """
    # Nobody is told any more who an erased person was, or what they say.
    known = AutomatedMessage.objects.exclude(recipient__membership_status=ERASED)
    message = known.filter(pk=message_id).first()
    _event, is_new = ProviderEvent.objects.get_or_create(
        event_id=event_id,
        defaults={
            "message": message,
            "kind": ProviderEvent.Kind.REPLIED,
            "occurred_at": timezone.now(),
            # Without a message nobody could find it, and no erasure either.
            "detail": text.replace("\x00", "")[:LONGEST_REPLY] if message else "",
        },
    )
    if not is_new:
        return False
    url = ""
    if message is not None:
        theirs = Enrolment.objects.under_way().filter(member_id=message.recipient_id)
        leave(enrolments=list(theirs.filter(sequence__exit_when_replied=True)), reason=ExitReason.REPLIED)
        # What receives answers is the platform's host, which has no such page.
        url = reverse(
            "admin:members_member_change", args=[message.recipient_id], urlconf=settings.ROOT_URLCONF
        )
    notify(kind=REPLIED, users=users_with(NEEDED), url=url)
    return True
