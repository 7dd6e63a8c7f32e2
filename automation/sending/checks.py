"""What must hold at the moment of sending, asked for a whole portion at once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from automation.addresses import address_of
from automation.consent.reading import normal_address, suppressed
from automation.enrolling.domain import leave
from automation.enrolling.leaving import why_leave
from automation.enrolling.planning import zone_of
from automation.models import AutomatedMessage, BulkMail, Enrolment, ExitReason
from automation.quiet_hours import quiet_hours_of
from automation.timing import outside_quiet_hours
from tenants.models import Church

from .claims import Claim

SkipReason = AutomatedMessage.SkipReason


@dataclass(frozen=True)
class Ready:
    """A message that may be sent now: to whom, about what, and the digest of what goes there just once."""

    message: AutomatedMessage
    address: str
    topic: str
    once_key: str


def ready_of(claim: Claim, *, church: Church, now: datetime) -> list[Ready]:
    """Those of the claimed messages that may be sent now; of the others it writes down why not."""
    messages = _still_wanted(claim, claim.messages)
    messages = _outside_quiet_hours(claim, messages, church=church, now=now)
    messages = _staying(claim, messages)
    ready = [_ready(message, church) for message in messages]
    claim.leave_out([each.message for each in ready if not each.address], SkipReason.NO_ADDRESS)
    ready = _not_declined(claim, [each for each in ready if each.address])
    return _first_at_address(claim, ready)


def topic_of(message: AutomatedMessage) -> str:
    """What a message is about (``Topic``)."""
    if message.enrolment is not None:
        return message.enrolment.sequence.topic
    return message.bulk_mail.topic if message.bulk_mail is not None else ""


def once_key_of(message: AutomatedMessage, address: str, church: Church) -> str:
    """The digest (SHA-256) of what goes to one address just once: a message to many, or one step of a
    sequence on one day where the person lives. A family that shares an address gets it once.
    """
    if message.bulk_mail_id:
        cause = f"bulk {message.bulk_mail_id}"
    else:
        day = message.scheduled_for.astimezone(zone_of(message.recipient, church)).date()
        cause = f"step {message.template_id or message.enrolment_id} {day.isoformat()}"
    return hashlib.sha256(f"{cause} {message.message_type} {normal_address(address)}".encode()).hexdigest()


def _still_wanted(claim: Claim, messages: list[AutomatedMessage]) -> list[AutomatedMessage]:
    """Without those whose enrolment has ended or whose mail was called off, and those that wait because
    their sequence was paused while somebody had them in hand. One that a person sends once more, after the
    way through the sequence has gone on, is asked for nothing of that.
    """
    ended, cancelled, paused, wanted = [], [], [], []
    for message in messages:
        enrolment, mail = None if message.is_followed else message.enrolment, message.bulk_mail
        if mail is not None and mail.status == BulkMail.Status.CANCELLED:
            cancelled.append(message)
        elif enrolment is not None and enrolment.status != Enrolment.Status.ACTIVE:
            ended.append(message)
        elif enrolment is not None and not enrolment.sequence.is_active:
            paused.append(message)
        else:
            wanted.append(message)
    claim.leave_out(ended, SkipReason.LEFT)
    claim.leave_out(cancelled, SkipReason.CANCELLED)
    claim.give_back(paused, is_held=True)
    return wanted


def _outside_quiet_hours(
    claim: Claim, messages: list[AutomatedMessage], *, church: Church, now: datetime
) -> list[AutomatedMessage]:
    quiet = quiet_hours_of(church)
    moved: dict[datetime, list[AutomatedMessage]] = defaultdict(list)
    for message in messages:
        moved[outside_quiet_hours(now, quiet, zone_of(message.recipient, church))].append(message)
    at_once = moved.pop(now, [])
    for at, waiting in moved.items():
        claim.give_back(waiting, scheduled_for=at)
    return at_once


def _staying(claim: Claim, messages: list[AutomatedMessage]) -> list[AutomatedMessage]:
    """Without those whose recipients leave their sequence now, or are gone."""
    reasons = why_leave(messages) if messages else {}
    leaving: dict[ExitReason, list[Enrolment]] = defaultdict(list)
    for message in messages:
        if message.pk in reasons and message.enrolment is not None:
            leaving[reasons[message.pk]].append(message.enrolment)
    for reason, enrolments in leaving.items():
        leave(enrolments=enrolments, reason=reason)
    gone = [message for message in messages if message.pk in reasons]
    declined = {pk for pk, reason in reasons.items() if reason == ExitReason.UNSUBSCRIBED}
    claim.leave_out([message for message in gone if message.pk in declined], SkipReason.SUPPRESSED)
    # What ``leave`` has left out already is nobody's any more.
    claim.leave_out(
        [message for message in gone if message.pk not in declined and message.enrolment is not None],
        SkipReason.LEFT,
    )
    claim.leave_out([message for message in gone if message.enrolment is None], SkipReason.CANCELLED)
    return [message for message in messages if message.pk not in reasons]


def _ready(message: AutomatedMessage, church: Church) -> Ready:
    address = address_of(message.recipient, message.message_type)
    key = once_key_of(message, address, church) if address else ""
    return Ready(message, address, topic_of(message), key)


def _not_declined(claim: Claim, ready: list[Ready]) -> list[Ready]:
    groups: dict[tuple[str, str], list[Ready]] = defaultdict(list)
    for each in ready:
        groups[each.message.message_type, each.topic].append(each)
    declined: set[UUID] = set()
    for (channel, topic), group in groups.items():
        refused = suppressed(channel=channel, addresses={each.address for each in group}, topic=topic)
        declined.update(each.message.pk for each in group if each.address in refused)
    claim.leave_out([each.message for each in ready if each.message.pk in declined], SkipReason.SUPPRESSED)
    return [each for each in ready if each.message.pk not in declined]


def _first_at_address(claim: Claim, ready: list[Ready]) -> list[Ready]:
    """Without those that went to their address already. Two that meet just now are told apart when they
    are sent, by the unique constraint.
    """
    taken = keys_taken(each.once_key for each in ready)
    claim.leave_out([each.message for each in ready if each.once_key in taken], SkipReason.SAME_ADDRESS)
    return [each for each in ready if each.once_key not in taken]


def keys_taken(keys: Iterable[str]) -> set[str]:
    """Those of ``keys`` that are in use. One query."""
    found = AutomatedMessage.objects.filter(once_key__in=list(keys)).values_list("once_key", flat=True)
    return {key for key in found if key}
