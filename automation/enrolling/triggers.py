"""What starts a sequence for a person: receivers of the signals of the rooms below.

Each asks first whether a sequence waits for it, so that a church without sequences pays one small query,
and an import that starts none pays nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from automation.models import Enrolment, ExitReason, Sequence, Trigger
from core import context
from events.models import EventRegistration
from members.models import Member
from members.rules.days import coming_birthdays
from prayer.models import PrayerRequest

from .domain import enrol_many, leave

VISITOR = "visitor"
PRAYER_REQUEST = "prayer_request"
MEMBER_IMPORT = "member_import"
# What an import does to people is told of once for many (``members_imported``).
IMPORT = "import"


def _running(*triggers: str) -> list[Sequence]:
    return list(Sequence.objects.running().filter(trigger_event__in=triggers).order_by("created_at", "id"))


def _is_import() -> bool:
    return context.origin.get() == IMPORT


def somebody_joined(*, member: Member, **_event: Any) -> None:
    """Receives ``members.signals.member_joined``."""
    if not _is_import():
        _start_for_new([member])


def _start_for_new(members: Collection[Member], **origin: Any) -> None:
    tagged = {member.pk: member.tags for member in members if member.tags}
    visitors = [member for member in members if member.membership_status == VISITOR]
    wanted = [Trigger.NEW_MEMBER]
    wanted += [Trigger.FIRST_VISIT] if visitors else []
    wanted += [Trigger.TAG_ADDED] if tagged else []
    for sequence in _running(*wanted):
        if sequence.trigger_event == Trigger.NEW_MEMBER:
            enrol_many(sequence=sequence, members=members, trigger=Trigger.NEW_MEMBER, **origin)
        elif sequence.trigger_event == Trigger.FIRST_VISIT:
            enrol_many(sequence=sequence, members=visitors, trigger=Trigger.FIRST_VISIT, **origin)
        else:
            _start_for_tagged(sequence, tagged, **origin)


def _start_for_tagged(sequence: Sequence, tagged: Mapping[UUID, Iterable[str]], **origin: Any) -> None:
    wanted = sequence.trigger_tag.casefold()
    ids = [pk for pk, tags in tagged.items() if any(tag.casefold() == wanted for tag in tags)]
    if ids:
        members = Member.objects.filter(pk__in=ids)
        enrol_many(sequence=sequence, members=members, trigger=Trigger.TAG_ADDED, **origin)


def people_were_tagged(*, member_ids: Collection[UUID], tags: Collection[str], **_event: Any) -> None:
    """Receives ``members.signals.members_tagged``."""
    if not _is_import():
        for sequence in _running(Trigger.TAG_ADDED):
            _start_for_tagged(sequence, dict.fromkeys(member_ids, tags))


def people_were_imported(
    *,
    members: Collection[Member],
    tagged: Mapping[UUID, Collection[str]],
    batch: UUID | None,
    start_sequences: bool,
    **_event: Any,
) -> None:
    """Receives ``members.signals.members_imported``."""
    if not start_sequences:
        return
    origin = {"origin_kind": MEMBER_IMPORT, "origin_id": batch} if batch else {}
    if members:
        _start_for_new(members, **origin)
    if tagged:
        for sequence in _running(Trigger.TAG_ADDED):
            _start_for_tagged(sequence, tagged, **origin)


def prayer_was_requested(*, request: PrayerRequest, **_event: Any) -> None:
    """Receives ``prayer.signals.prayer_requested``. Who asks anonymously is enrolled nowhere: that they
    are in such a sequence would tell who asked.
    """
    if request.requester is None or request.is_anonymous:
        return
    for sequence in _running(Trigger.PRAYER_REQUEST):
        enrol_many(
            sequence=sequence,
            members=[request.requester],
            trigger=Trigger.PRAYER_REQUEST,
            origin_kind=PRAYER_REQUEST,
            origin_id=request.pk,
        )


def somebody_registered(*, registration: EventRegistration, **_event: Any) -> None:
    """Receives ``events.signals.event_registered`` and ``registration_promoted``: who waits for a place is
    enrolled once they have one, and who just walked in is not.
    """
    if registration.member is None or registration.status != EventRegistration.Status.REGISTERED:
        return
    for sequence in _running(Trigger.EVENT_REGISTERED):
        enrol_many(
            sequence=sequence,
            members=[registration.member],
            trigger=Trigger.EVENT_REGISTERED,
            merge_values=event_values(registration),
        )


def event_values(registration: EventRegistration) -> dict[str, Any]:
    """What merge fields say of the event: its title, and its start by the event's clock (ISO 8601)."""
    event = registration.event
    start = registration.occurrence_start.astimezone(ZoneInfo(event.timezone))
    return {"event": {"title": event.title, "start": start.isoformat()}}


def somebody_was_there(*, registration: EventRegistration, **_event: Any) -> None:
    """Receives ``events.signals.attendance_recorded``: the first time that somebody is written down as
    having been there. Who is new as a visitor was there already (``somebody_joined``).
    """
    if registration.member is None:
        return
    sequences = _running(Trigger.FIRST_VISIT)
    if not sequences or _was_there_before(registration):
        return
    for sequence in sequences:
        known = Enrolment.objects.filter(
            sequence=sequence, member=registration.member, trigger_event=Trigger.FIRST_VISIT
        )
        if not known.exists():
            enrol_many(sequence=sequence, members=[registration.member], trigger=Trigger.FIRST_VISIT)


def _was_there_before(registration: EventRegistration) -> bool:
    others = EventRegistration.objects.filter(
        member=registration.member, status=EventRegistration.Status.ATTENDED
    )
    return others.exclude(pk=registration.pk).exists()


def birthdays_came(*, day: date, **_event: Any) -> None:
    """Receives ``tenants.signals.church_day_began``. Whoever was greeted in the last months is left out by
    the door, so that a second call for one day greets nobody twice.
    """
    sequences = _running(Trigger.BIRTHDAY)
    if not sequences:
        return
    members = list(Member.objects.living().born_on(list(coming_birthdays(day, 1))))
    for sequence in sequences:
        enrol_many(sequence=sequence, members=members, trigger=Trigger.BIRTHDAY)


def people_are_merged(*, survivor: Member, absorbed: Member, **_event: Any) -> None:
    """Receives ``members.signals.members_merging``: of two ways through one sequence the one that has come
    further goes on.
    """
    under_way = Enrolment.objects.under_way().filter(member__in=[survivor, absorbed]).order_by("sequence_id")
    ways: dict[UUID, list[Enrolment]] = {}
    for enrolment in under_way:
        ways.setdefault(enrolment.sequence_id, []).append(enrolment)
    ending = [
        min(pair, key=lambda way: (way.step, way.member_id == survivor.pk))
        for pair in ways.values()
        if len(pair) > 1
    ]
    leave(enrolments=ending, reason=ExitReason.MERGED)
