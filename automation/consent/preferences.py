"""What one person gets, asked and changed by themselves through a link in a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from automation.models import AutomatedMessage, Channel, Suppression, Topic
from automation.sms.numbers import number_of
from members.models import Member

from .domain import lift, suppress
from .reading import digest_of_address, normal_address

UNSUBSCRIBED = Suppression.Reason.UNSUBSCRIBED

# Channel -> the addresses of one person there; the first is the one that is shown.
Addresses = dict[str, list[str]]


@dataclass(frozen=True)
class Declined:
    """What is declined on one channel: ``topics``, and whether everything is, and by a STOP."""

    topics: frozenset[str]
    everything: bool
    by_stop: bool


def topic_of(message: AutomatedMessage) -> str:
    """What the message is about."""
    if message.enrolment is not None:
        return message.enrolment.sequence.topic
    return message.bulk_mail.topic if message.bulk_mail is not None else ""


def addresses_of(message: AutomatedMessage) -> Addresses:
    """Where the recipient is reached: where the message went, and where the next one would go."""
    now = addresses_of_person(message.recipient)
    if message.address:
        others = now.get(message.message_type, [])
        gone_to = normal_address(message.address)
        now[message.message_type] = [gone_to, *(one for one in others if one != gone_to)]
    return now


def addresses_of_person(person: Member) -> Addresses:
    """Where the person would get messages now; channels without an address are left out."""
    found = {Channel.EMAIL.value: normal_address(person.email), Channel.SMS.value: number_of(person)}
    return {channel: [address] for channel, address in found.items() if address}


def declined_by(addresses: Mapping[str, Iterable[str]]) -> dict[str, Declined]:
    """Channel -> what is declined there for the first of its addresses. One query."""
    digests = {channel: digest_of_address(next(iter(known))) for channel, known in addresses.items()}
    rows = Suppression.objects.filter(address_digest__in=digests.values()).values_list(
        "channel", "address_digest", "topic", "reason"
    )
    found = {channel: [row for row in rows if row[:2] == (channel, key)] for channel, key in digests.items()}
    return {
        channel: Declined(
            topics=frozenset(topic for _, _, topic, _ in told if topic),
            everything=any(not topic for _, _, topic, _ in told),
            by_stop=any(reason == Suppression.Reason.STOP for *_, reason in told),
        )
        for channel, told in found.items()
    }


@transaction.atomic
def decline(*, message: AutomatedMessage) -> None:
    """The recipient wants no more of what the message was about, in the way in which it came."""
    for address in addresses_of(message).get(message.message_type, []):
        suppress(channel=message.message_type, address=address, topic=topic_of(message), reason=UNSUBSCRIBED)


@transaction.atomic
def take_back(*, message: AutomatedMessage) -> None:
    """Undoes ``decline``, and nothing that was declined besides."""
    for address in addresses_of(message).get(message.message_type, []):
        lift(channel=message.message_type, address=address, topic=topic_of(message))


@transaction.atomic
def decline_everything(*, message: AutomatedMessage) -> None:
    """The recipient wants no more messages, about nothing and in no way."""
    for channel, addresses in addresses_of(message).items():
        for address in addresses:
            suppress(channel=channel, address=address, reason=UNSUBSCRIBED)


@transaction.atomic
def choose(*, message: AutomatedMessage, wanted: Mapping[str, Iterable[str]]) -> None:
    """``wanted``: channel -> the topics of which the recipient wants to hear in that way. What is wanted
    is let through, whoever declined it before; the rest is declined. Of a channel that is not named nothing
    was asked.
    """
    for channel, addresses in addresses_of(message).items():
        for address in addresses if channel in wanted else ():
            _choose_for(channel, address, set(wanted[channel]) & set(Topic.values))


def _choose_for(channel: str, address: str, topics: set[str]) -> None:
    if not topics:
        suppress(channel=channel, address=address, reason=UNSUBSCRIBED)
        return
    lift(channel=channel, address=address, topic="")
    for topic in Topic.values:
        if topic in topics:
            lift(channel=channel, address=address, topic=topic)
        else:
            suppress(channel=channel, address=address, topic=topic, reason=UNSUBSCRIBED)
