"""The doors through which people come into sequences and leave them. One door, one transaction.

Whoever is enrolled is locked before their enrolment, and the enrolment before its messages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from automation.models import AutomatedMessage, Enrolment, ExitReason, Sequence, SequenceVersion, Trigger
from automation.sending.planning import plan_messages
from members.models import Member
from members.querysets import ERASED
from tenants.context import current_church

from .planning import next_planned

__all__ = ["enrol", "enrol_many", "leave", "next_planned"]

PEOPLE_IN_STATEMENT = 1_000
MOST_OF_A_YEAR = timedelta(days=300)
# Nobody writes to them.
GONE = frozenset({"deceased", "archived", ERASED})


class _PausedError(Exception):
    """The sequence was paused or removed while somebody was being enrolled."""


@transaction.atomic
def enrol(
    *,
    sequence: Sequence,
    member: Member,
    trigger: str = Trigger.MANUAL,
    user: User | None = None,
    origin_kind: str = "",
    origin_id: UUID | None = None,
    merge_values: Mapping[str, Any] | None = None,
) -> Enrolment:
    """Takes somebody into a sequence and plans the first message.

    Raises ValidationError when they are in it, when they went through it and nobody goes twice, when they
    are gone (deceased, archived), and when the sequence is paused, was removed or has no step.
    """
    person = Member.objects.select_for_update(no_key=True).filter(pk=member.pk).first()
    if person is None or person.membership_status in GONE:
        raise ValidationError({"member_id": _("This person cannot be written to.")})
    version = _demand_running(sequence)
    if person.pk not in _newcomers(sequence, [person.pk]):
        raise ValidationError({"member_id": _in_it_already(sequence, person)})
    values = _values(trigger, user, origin_kind, origin_id, merge_values)
    try:
        made = _made(sequence, version, [person], values)
    except _PausedError:
        raise ValidationError({"sequence": _("This sequence is paused.")}) from None
    return made[0]


@transaction.atomic
def enrol_many(
    *,
    sequence: Sequence,
    members: Collection[Member],
    trigger: str = Trigger.MANUAL,
    user: User | None = None,
    origin_kind: str = "",
    origin_id: UUID | None = None,
    merge_values: Mapping[str, Any] | None = None,
) -> int:
    """Takes many people into a sequence, a few statements for each thousand; returns how many came in.

    Who is in it, may not go through it again, or is gone, is left out silently; and so is everybody when
    the sequence is paused, was removed or has no step.
    """
    try:
        version = _demand_running(sequence)
    except ValidationError:
        return 0
    values = _values(trigger, user, origin_kind, origin_id, merge_values)
    count = 0
    for some in _portions(sorted({member.pk for member in members})):
        fresh = _newcomers(sequence, some)
        people = Member.objects.select_for_update(no_key=True).filter(pk__in=fresh).order_by("pk")
        present = [person for person in people if person.membership_status not in GONE]
        try:
            count += len(_made(sequence, version, present, values))
        except _PausedError:
            return count
    return count


@transaction.atomic
def leave(*, enrolments: Collection[Enrolment], reason: str) -> int:
    """Ends the way of those of ``enrolments`` that are under way; returns how many were.

    Their messages that are yet to be sent are left out. One that is being sent just now is sent.
    """
    if reason not in ExitReason.values:
        raise ValueError(f"{reason} is no reason to leave a sequence.")
    count = 0
    now = timezone.now()
    for some in _portions(sorted({enrolment.pk for enrolment in enrolments})):
        locked = Enrolment.objects.under_way().select_for_update().filter(pk__in=some).order_by("pk")
        ids = list(locked.values_list("pk", flat=True))
        Enrolment.objects.filter(pk__in=ids).update(
            status=Enrolment.Status.EXITED, exit_reason=reason, ended_at=now, updated_at=now
        )
        AutomatedMessage.objects.filter(enrolment__in=ids, status=AutomatedMessage.Status.PENDING).update(
            status=AutomatedMessage.Status.SKIPPED,
            skip_reason=AutomatedMessage.SkipReason.LEFT,
            is_followed=True,
            is_held=False,
            claim=None,
            claimed_until=None,
            updated_at=now,
        )
        count += len(ids)
    return count


def _portions(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), PEOPLE_IN_STATEMENT):
        yield ids[start : start + PEOPLE_IN_STATEMENT]


def _values(
    trigger: str,
    user: User | None,
    origin_kind: str,
    origin_id: UUID | None,
    merge_values: Mapping[str, Any] | None,
) -> dict[str, Any]:
    return {
        "trigger_event": trigger,
        "enrolled_by": user,
        "origin_kind": origin_kind,
        "origin_id": origin_id,
        "merge_values": dict(merge_values or {}),
    }


def _demand_running(sequence: Sequence) -> SequenceVersion:
    # Deferred: the doors of sequences call ``leave``.
    from automation.sequences.domain import current_version

    known = Sequence.objects.present().filter(pk=sequence.pk).first()
    if known is None:
        raise ValidationError({"sequence": _("This sequence was removed.")})
    if not known.is_active:
        raise ValidationError({"sequence": _("This sequence is paused.")})
    version = current_version(known)
    if not version.steps:
        raise ValidationError({"sequence": _("This sequence has no step yet.")})
    return version


def _newcomers(sequence: Sequence, ids: Collection[UUID]) -> set[UUID]:
    """Those of ``ids`` who may come into the sequence."""
    known = Enrolment.objects.filter(sequence=sequence, member__in=ids)
    if sequence.trigger_event == Trigger.BIRTHDAY:
        # Once a year, however often the day is looked at.
        known = known.filter(
            Q(status=Enrolment.Status.ACTIVE) | Q(created_at__gte=timezone.now() - MOST_OF_A_YEAR)
        )
    elif sequence.may_repeat:
        known = known.under_way()
    # They went on as another entry, or were in it by somebody's mistake.
    known = known.exclude(exit_reason__in=[ExitReason.MERGED, ExitReason.TAKEN_OUT])
    return set(ids) - set(known.values_list("member_id", flat=True))


def _in_it_already(sequence: Sequence, member: Member) -> str:
    if Enrolment.objects.under_way().filter(sequence=sequence, member=member).exists():
        return _("This person is in the sequence already.")
    return _("This person went through the sequence already.")


def _made(
    sequence: Sequence, version: SequenceVersion, people: Collection[Member], values: dict[str, Any]
) -> list[Enrolment]:
    """Enrolments of those of ``people`` whom nobody enrolled meanwhile, with their first messages.

    Raises _PausedError, with nothing made, when the sequence does not run any more: whoever pauses it
    holds its row, and the rows made here wait for that.
    """
    if not people:
        return []
    church = current_church()
    base = timezone.now()
    with transaction.atomic():
        wanted = [Enrolment(sequence=sequence, version=version, member=person, **values) for person in people]
        Enrolment.objects.bulk_create(wanted, ignore_conflicts=True, batch_size=PEOPLE_IN_STATEMENT)
        if not Sequence.objects.running().filter(pk=sequence.pk).exists():
            raise _PausedError
        ids = [enrolment.pk for enrolment in wanted]
        there = set(Enrolment.objects.filter(pk__in=ids).values_list("pk", flat=True))
        made = [enrolment for enrolment in wanted if enrolment.pk in there]
        planned = [
            next_planned(enrolment=enrolment, position=0, base=base, church=church) for enrolment in made
        ]
        plan_messages([message for message in planned if message is not None])
    return made
