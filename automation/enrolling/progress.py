"""How people go on in their sequences once a message is settled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from automation.models import AutomatedMessage, Enrolment
from automation.sending.planning import plan_messages
from tenants.context import current_church

from .planning import next_planned

FOLLOWED_AT_ONCE = 500
# A message that was settled so much later than planned moves what comes after it, so that what an outage
# held up does not come all at once.
LATE = timedelta(hours=1)


@transaction.atomic
def follow_up() -> int:
    """Plans the next message of everybody whose last one is settled, or completes their way; returns how
    many were followed, at most FOLLOWED_AT_ONCE. Safe to repeat and to be interrupted.

    A row that somebody else has in hand is passed over. Enrolments are locked before their messages, as
    the doors of ``automation.enrolling`` do.
    """
    settled = AutomatedMessage.objects.to_follow()
    waiting = list(settled.order_by("enrolment_id").values_list("enrolment_id", flat=True)[:FOLLOWED_AT_ONCE])
    if not waiting:
        return 0
    enrolments = {
        enrolment.pk: enrolment
        for enrolment in Enrolment.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk__in=waiting)
        .select_related("member", "sequence")
        .prefetch_related("version")
        .order_by("pk")
    }
    messages = list(
        settled.filter(enrolment__in=list(enrolments)).select_for_update(skip_locked=True).order_by("pk")
    )
    _go_on(messages, enrolments)
    AutomatedMessage.objects.filter(pk__in=[message.pk for message in messages]).update(is_followed=True)
    return len(messages)


def _go_on(messages: Iterable[AutomatedMessage], enrolments: dict[UUID, Enrolment]) -> None:
    church = current_church()
    now = timezone.now()
    planned: list[AutomatedMessage] = []
    steps: dict[int, list[UUID]] = {}
    completed: list[UUID] = []
    for message in messages:
        enrolment = enrolments[message.enrolment_id]  # type: ignore[index]  # only those of an enrolment are followed
        # One that was taken up again later, or of somebody who has left, leads nowhere.
        if enrolment.status != Enrolment.Status.ACTIVE or message.step != enrolment.step:
            continue
        position = message.step + 1
        following = next_planned(
            enrolment=enrolment, position=position, base=base_after(message, now), church=church
        )
        if following is None:
            completed.append(enrolment.pk)
        else:
            planned.append(following)
            steps.setdefault(position, []).append(enrolment.pk)
    for position, ids in steps.items():
        Enrolment.objects.filter(pk__in=ids).update(step=position, updated_at=now)
    Enrolment.objects.filter(pk__in=completed).update(
        status=Enrolment.Status.COMPLETED, ended_at=now, updated_at=now
    )
    plan_messages(planned)


def base_after(message: AutomatedMessage, now: datetime) -> datetime:
    """When the wait for the next message begins: when this one was due, or when it was settled if that was
    much later.
    """
    settled = message.sent_at or now
    return settled if settled - message.scheduled_for > LATE else message.scheduled_for
