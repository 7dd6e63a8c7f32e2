"""Sequences with people on their way, for the demo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from members.demo.parts import demo_part
from members.models import Member
from tenants.context import current_church
from tenants.domain import change_settings

from .enrolling.domain import enrol, leave
from .enrolling.planning import next_planned
from .models import AutomatedMessage, Enrolment, ExitReason, Sequence
from .ready_made import add_ready_made
from .sender import REPLY_TO
from .sending.planning import plan_messages
from .sequences.domain import resume

# Which sequence, and how many days ago each of its people came in.
ON_THEIR_WAY = {"welcome": (21, 18, 15, 12, 9, 6, 4, 2, 1, 0), "first_visit": (11, 8, 5, 3, 0), "prayer": ()}
PEOPLE_BETWEEN = 3


@demo_part(60)
def people_on_their_way(accounts: dict[str, User]) -> None:
    """The ready-made sequences, two of them running, with people at various steps."""
    church = current_church()
    change_settings(church=church, entries={REPLY_TO: f"office@{church.subdomain}.example"})
    people = list(Member.objects.living().exclude(email="").order_by("last_name", "first_name", "id"))
    # Not neighbours in the list, and nobody twice.
    newcomers = iter([person for first in range(PEOPLE_BETWEEN) for person in people[first::PEOPLE_BETWEEN]])
    for name, days in ON_THEIR_WAY.items():
        sequence = add_ready_made(name)
        if days:
            sequence = resume(sequence=sequence)
        for days_ago, person in zip(days, newcomers, strict=False):
            _on_the_way(sequence, person, accounts["staff"], days_ago)


def _on_the_way(sequence: Sequence, person: Member, user: User, days_ago: int) -> None:
    """Somebody who came in some days ago, and got by now what was due."""
    enrolment = enrol(sequence=sequence, member=person, user=user)
    _put_back_in_time(enrolment, timedelta(days=days_ago))
    if days_ago == ON_THEIR_WAY["welcome"][3]:
        leave(enrolments=[enrolment], reason=ExitReason.REPLIED)


def _put_back_in_time(enrolment: Enrolment, by: timedelta) -> None:
    """Nobody comes in yesterday: the doors make the way, and its times are then moved."""
    now = timezone.now()
    began = now - by
    Enrolment.objects.filter(pk=enrolment.pk).update(created_at=began, updated_at=began)
    message: Any = enrolment.messages.get()
    planned = next_planned(enrolment=enrolment, position=0, base=began, church=current_church())
    while planned is not None:
        message.scheduled_for = planned.scheduled_for
        message.save(update_fields=["scheduled_for", "updated_at"])
        if message.scheduled_for >= now:
            return
        _was_sent(message, enrolment.member.email)
        planned = next_planned(
            enrolment=enrolment,
            position=message.step + 1,
            base=message.scheduled_for,
            church=current_church(),
        )
        if planned is not None:
            plan_messages([planned])
            Enrolment.objects.filter(pk=enrolment.pk).update(step=planned.step)
            message = planned
    _has_completed(enrolment, message.scheduled_for)


def _was_sent(message: AutomatedMessage, address: str) -> None:
    at = message.scheduled_for + timedelta(seconds=20)
    message.status, message.sent_at, message.address = AutomatedMessage.Status.SENT, at, address
    message.is_followed = True
    message.delivered_at = at + timedelta(seconds=4)
    if message.step == 0 and message.pk.int % 3 == 0:
        message.clicked_at = at + timedelta(hours=2)
    message.save()


def _has_completed(enrolment: Enrolment, at: datetime) -> None:
    Enrolment.objects.filter(pk=enrolment.pk).update(status=Enrolment.Status.COMPLETED, ended_at=at)
