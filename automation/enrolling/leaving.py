"""Why somebody leaves a sequence, asked at the moment of sending."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from uuid import UUID

from automation.consent.reading import suppressed
from automation.models import AutomatedMessage, Channel, Enrolment, ExitReason, ProviderEvent, Trigger
from members.models import Member
from members.querysets import ERASED
from visits.models import Visit

GONE = {
    "deceased": ExitReason.DECEASED,
    "archived": ExitReason.ARCHIVED,
    # Nothing is left by which to reach them.
    ERASED: ExitReason.UNDELIVERABLE,
}


def address_on(channel: str, member: Member) -> str:
    """Where the person is reached on the channel; empty for nowhere."""
    if channel == Channel.EMAIL:
        return member.email
    # A number with an extension takes no text messages.
    return "" if ";" in member.phone else member.phone


def why_leave(messages: Collection[AutomatedMessage]) -> dict[UUID, ExitReason]:
    """Message id -> why its recipient leaves the sequence now, for those who do. The messages come with
    ``recipient``, ``enrolment``, ``enrolment__sequence`` and ``enrolment__version``; those of messages to
    many are asked too, for whom a reason means just that nothing is sent. A few queries for any number.

    Who declined one channel stays while a later step comes by another. A reply and a visit count from the
    enrolment on; the tag, for those whom it brought in.
    """
    reasons: dict[UUID, ExitReason] = {}
    in_sequences: list[tuple[AutomatedMessage, Enrolment]] = []
    for message in messages:
        if reason := GONE.get(message.recipient.membership_status):
            reasons[message.pk] = reason
        elif message.enrolment is not None:
            if _lost_the_tag(message.enrolment, message.recipient):
                reasons[message.pk] = ExitReason.TAG_REMOVED
            else:
                in_sequences.append((message, message.enrolment))
    for reason, leaving in (
        (ExitReason.REPLIED, _replied(in_sequences)),
        (ExitReason.VISITED, _visited(in_sequences)),
        (ExitReason.UNSUBSCRIBED, _declined(in_sequences)),
    ):
        for identifier in leaving:
            reasons.setdefault(identifier, reason)
    return reasons


def _lost_the_tag(enrolment: Enrolment, member: Member) -> bool:
    sequence = enrolment.sequence
    came_by_tag = sequence.trigger_event == enrolment.trigger_event == Trigger.TAG_ADDED
    if not (came_by_tag and sequence.exit_when_tag_removed):
        return False
    return sequence.trigger_tag.casefold() not in {tag.casefold() for tag in member.tags}


Pairs = list[tuple[AutomatedMessage, Enrolment]]


def _replied(pairs: Pairs) -> set[UUID]:
    asked = [pair for pair in pairs if pair[1].sequence.exit_when_replied]
    return _happened_since(
        asked,
        lambda ids, first: ProviderEvent.objects.filter(
            kind=ProviderEvent.Kind.REPLIED, message__recipient__in=ids, occurred_at__gte=first
        ).values_list("message__recipient_id", "occurred_at"),
    )


def _visited(pairs: Pairs) -> set[UUID]:
    asked = [pair for pair in pairs if pair[1].sequence.exit_when_visited]
    met = [Visit.Outcome.MET, Visit.Outcome.BY_PHONE]
    return _happened_since(
        asked,
        lambda ids, first: Visit.objects.filter(
            member__in=ids, status=Visit.Status.COMPLETED, outcome__in=met, scheduled_datetime__gte=first
        ).values_list("member_id", "scheduled_datetime"),
    )


def _happened_since(
    pairs: Pairs, read: Callable[[list[UUID], datetime], Iterable[tuple[UUID | None, datetime]]]
) -> set[UUID]:
    """Ids of the messages to whose recipients it happened after their enrolment. ``read`` gives person
    and time of what happened to any of the people since the first of the enrolments.
    """
    if not pairs:
        return set()
    latest: dict[UUID | None, datetime] = {}
    first = min(enrolment.created_at for _message, enrolment in pairs)
    for member_id, at in read([message.recipient_id for message, _enrolment in pairs], first):
        latest[member_id] = max(at, latest.get(member_id, at))
    return {
        message.pk
        for message, enrolment in pairs
        if message.recipient_id in latest and latest[message.recipient_id] >= enrolment.created_at
    }


def _declined(pairs: Pairs) -> set[UUID]:
    """Those who take no message of the sequence any more, on no channel that is still to come."""
    # (channel, topic) -> addresses that are asked for.
    wanted: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    ways: list[tuple[UUID, list[tuple[str, str, str]]]] = []
    for message, enrolment in pairs:
        channels = {message.message_type, *_channels_after(message, enrolment)}
        topic = enrolment.sequence.topic
        addresses = [(channel, topic, address_on(channel, message.recipient)) for channel in channels]
        ways.append((message.pk, [way for way in addresses if way[2]]))
        for channel, _topic, address in ways[-1][1]:
            wanted[channel, topic].add(address)
    declined = {
        (channel, topic, address)
        for (channel, topic), addresses in wanted.items()
        for address in suppressed(channel=channel, addresses=addresses, topic=topic)
    }
    return {identifier for identifier, open_ways in ways if open_ways and declined.issuperset(open_ways)}


def _channels_after(message: AutomatedMessage, enrolment: Enrolment) -> set[str]:
    return {step["message_type"] for step in enrolment.version.steps[message.step + 1 :]}
