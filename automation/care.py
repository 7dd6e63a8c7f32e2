"""What other rooms see of sequences: in the care for a person, and behind what led to a sequence."""

from __future__ import annotations

import uuid
from collections.abc import Sequence as Rows
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from members.care import Link, Moment, linking, source
from members.models import Member
from prayer import visibility

from .enrolling.triggers import PRAYER_REQUEST
from .models import AutomatedMessage, Enrolment, Trigger

READ = "automation:read"


def enrolments_for(user: User) -> QuerySet[Enrolment]:
    """The enrolments that ``user`` may know of. One that came from a request for prayer would tell who
    asked: where the request is not for ``user`` to see, or its asker is not, there is none.
    """
    enrolments = Enrolment.objects.select_related("sequence")
    if user.has_permission(visibility.CONFIDENTIAL):
        return enrolments
    known = visibility.requests_for(user).filter(is_anonymous=False).values("pk")
    by_prayer = Q(trigger_event=Trigger.PRAYER_REQUEST) | Q(origin_kind=PRAYER_REQUEST)
    return enrolments.filter(~by_prayer | Q(origin_kind=PRAYER_REQUEST, origin_id__in=known))


def title_of(enrolment: Enrolment) -> str:
    """Which sequence, and what became of the way through it."""
    return _("Sequence “%(name)s” (%(status)s)") % {
        "name": enrolment.sequence.name,
        "status": enrolment.get_exit_reason_display() or enrolment.get_status_display(),
    }


@source("messages", gettext_lazy("Messages"), permission=READ)
def messages_of(user: User, member: Member, before: datetime, count: int) -> Rows[Moment]:
    """Sequences that somebody came into, and what was sent to them or is planned. Two queries."""
    enrolments = enrolments_for(user).filter(member=member, created_at__lt=before)
    moments = [
        Moment(
            at=enrolment.created_at,
            key=f"in-{enrolment.pk}",
            title=title_of(enrolment),
            icon="conversion_path",
        )
        for enrolment in enrolments.order_by("-created_at", "-id")[:count]
    ]
    moments += [_moment_of(message) for message in _messages(user, member, before)[:count]]
    moments.sort(key=lambda moment: (moment.at, moment.key), reverse=True)
    return moments[:count]


def _messages(user: User, member: Member, before: datetime) -> Any:
    shown = [AutomatedMessage.Status.SENT, AutomatedMessage.Status.PENDING]
    messages = AutomatedMessage.objects.filter(recipient=member, status__in=shown, scheduled_for__lt=before)
    if not user.has_permission(visibility.CONFIDENTIAL):
        messages = messages.filter(Q(enrolment=None) | Q(enrolment__in=enrolments_for(user).values("pk")))
    # Held ones come nobody knows when.
    messages = messages.exclude(status=AutomatedMessage.Status.PENDING, is_held=True)
    messages = messages.select_related("template", "bulk_mail").alias(at=F("scheduled_for"))
    return messages.order_by("-at", "-id")


def _moment_of(message: AutomatedMessage) -> Moment:
    written = str(message.template or message.bulk_mail or message.get_message_type_display())
    is_sent = message.status == AutomatedMessage.Status.SENT
    title = _("Sent: %(subject)s") if is_sent else _("Will be sent: %(subject)s")
    return Moment(
        at=message.scheduled_for,
        key=f"message-{message.pk}",
        title=title % {"subject": written},
        icon="sms" if message.message_type == "sms" else "mail",
    )


@linking
def sequences_that_came_from(user: User, kind: str, identifier: uuid.UUID) -> Rows[Link]:
    """Ways through sequences that came from a row of another room."""
    if not user.has_permission(READ):
        return []
    found = enrolments_for(user).filter(origin_kind=kind, origin_id=identifier)
    return [Link(at=enrolment.created_at, title=title_of(enrolment)) for enrolment in found]
