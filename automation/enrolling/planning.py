"""When the next message of somebody is due, and the message itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from automation.models import AutomatedMessage, Enrolment, Sequence
from automation.quiet_hours import quiet_hours_of
from automation.sending.planning import KIND
from automation.timing import Delay, due_at, outside_quiet_hours
from members.models import Member
from tenants import due
from tenants.context import current_church
from tenants.models import Church

MESSAGES_IN_STATEMENT = 1_000


def zone_of(member: Member, church: Church) -> ZoneInfo:
    """Where the person lives, or else the church."""
    return ZoneInfo(member.timezone or church.timezone)


def delay_of(step: Mapping[str, Any]) -> Delay:
    """The wait before a frozen step."""
    at = time.fromisoformat(step["send_at"]) if step["send_at"] else None
    return Delay(days=step["delay_days"], hours=step["delay_hours"], at=at)


def planned_for(*, base: datetime, step: Mapping[str, Any], member: Member, church: Church) -> datetime:
    """When a frozen step is sent whose wait begins at ``base``, in UTC: by the clock where the person
    lives, and not in the church's quiet hours there. No query.
    """
    zone = zone_of(member, church)
    return outside_quiet_hours(due_at(base, delay_of(step), zone), quiet_hours_of(church), zone)


def next_planned(
    *, enrolment: Enrolment, position: int, base: datetime, church: Church
) -> AutomatedMessage | None:
    """The message of the step at ``position`` of the enrolment's version, whose wait begins at ``base``,
    not saved yet; None when there is no such step and the sequence is at its end.

    ``enrolment`` comes with ``version``, ``member`` and ``sequence``: no query. It is held while the
    sequence is paused.
    """
    steps = enrolment.version.steps
    if position >= len(steps):
        return None
    step = steps[position]
    return AutomatedMessage(
        recipient=enrolment.member,
        template_id=UUID(step["template_id"]),
        enrolment=enrolment,
        step=position,
        message_type=step["message_type"],
        scheduled_for=planned_for(base=base, step=step, member=enrolment.member, church=church),
        is_held=not enrolment.sequence.is_active,
    )


def hold_messages(sequence: Sequence) -> None:
    """Holds everything that is yet to be sent; a step of the door that pauses."""
    _pending(sequence).update(is_held=True, updated_at=timezone.now())


def shift_messages(sequence: Sequence, *, by: timedelta) -> None:
    """Lets go what was held, later by the length of the pause; a step of the door that resumes."""
    church = current_church()
    quiet = quiet_hours_of(church)
    held = list(_pending(sequence).filter(is_held=True).select_related("recipient").order_by("pk"))
    for message in held:
        zone = zone_of(message.recipient, church)
        message.scheduled_for = outside_quiet_hours(message.scheduled_for + by, quiet, zone)
        message.is_held = False
        message.updated_at = timezone.now()
    AutomatedMessage.objects.bulk_update(
        held, ["scheduled_for", "is_held", "updated_at"], batch_size=MESSAGES_IN_STATEMENT
    )
    if held:
        due.plan(KIND, min(message.scheduled_for for message in held))


def _pending(sequence: Sequence) -> Any:
    return AutomatedMessage.objects.filter(
        enrolment__sequence=sequence, enrolment__status=Enrolment.Status.ACTIVE, status="pending"
    )
