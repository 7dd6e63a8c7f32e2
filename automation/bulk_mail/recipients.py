"""Whom a message to many reaches, and whom it does not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models.functions import Lower

from automation.addresses import address_of
from automation.consent.reading import normal_address, suppressed
from automation.models import BulkMail, Channel
from automation.sms import segments
from automation.writing.preparing import prepare_step
from automation.writing.rendering import render
from members.models import Member
from members.querysets import MemberQuerySet
from members.rules.rule import queryset_for
from tenants.context import current_church

ASKED_AT_ONCE = 2_000
# What a message's merge fields and addresses are made of.
COLUMNS = (
    "id", "first_name", "last_name", "nickname", "email", "phone", "membership_status", "created_at",
)  # fmt: skip


@dataclass
class Recipients:
    """``people`` are all whom the rule means; each of them is counted in exactly one of the others.

    ``parts`` and ``cost`` are those of all text messages together; ``cost`` is None where nobody knows it.
    """

    people: int = 0
    reached: int = 0
    gone: int = 0
    no_address: int = 0
    declined: int = 0
    same_address: int = 0
    parts: int = 0
    cost: Decimal | None = None
    currency: str = ""


def people_meant(rule: Any, user: Any) -> MemberQuerySet:
    """Everybody whom ``rule`` (None: all) means, as ``user`` sees the fields. Raises UnavailableRuleError."""
    people: MemberQuerySet = Member.objects.all() if rule is None else queryset_for(rule, user)
    return people


def declined_among(mail: BulkMail, people: Collection[Member]) -> set[str]:
    """The addresses of ``people`` that must not get this message. One query."""
    addresses = {address for member in people if (address := address_of(member, mail.message_type))}
    if not addresses:
        return set()
    return suppressed(channel=mail.message_type, addresses=addresses, topic=mail.topic)


def addresses_written(mail: BulkMail, people: Collection[Member]) -> set[str]:
    """Those of ``people``'s addresses, in their normal form, for which a message was written down already.
    One query.
    """
    addresses = {normal_address(address_of(member, mail.message_type)) for member in people} - {""}
    column = "email" if mail.message_type == Channel.EMAIL else "phone"
    written = mail.messages.alias(normal=Lower(f"recipient__{column}")).filter(normal__in=addresses)
    found = written.exclude(status="skipped").values_list(f"recipient__{column}", flat=True)
    return {normal_address(address) for address in found}


def count_recipients(mail: BulkMail, user: Any) -> Recipients:
    """How many people the message reaches as things stand, and how many not. Raises UnavailableRuleError."""
    counted = Recipients()
    fates: Counter[str] = Counter()
    seen: set[str] = set()
    texts = _Texts(mail) if mail.message_type == Channel.SMS else None
    for people in _in_portions(people_meant(mail.rule, user)):
        declined = declined_among(mail, people)
        for member in people:
            fate = _fate(member, mail, declined, seen)
            fates[fate] += 1
            if fate == "reached" and texts is not None:
                texts.add(member)
    for name, number in fates.items():
        setattr(counted, name, number)
    counted.people = fates.total()
    if texts is not None:
        counted.parts, counted.cost, counted.currency = texts.parts, texts.cost, texts.currency
    return counted


def _in_portions(people: MemberQuerySet) -> Iterator[list[Member]]:
    every = people.order_by("pk").only(*COLUMNS).iterator(chunk_size=ASKED_AT_ONCE)
    while portion := list(islice(every, ASKED_AT_ONCE)):
        yield portion


def _fate(member: Member, mail: BulkMail, declined: set[str], seen: set[str]) -> str:
    if is_gone(member):
        return "gone"
    address = address_of(member, mail.message_type)
    if not address:
        return "no_address"
    if address in declined:
        return "declined"
    normal = normal_address(address)
    if normal in seen:
        return "same_address"
    seen.add(normal)
    return "reached"


def is_gone(member: Member) -> bool:
    """Whether nobody writes to them any more: they died, or left the records."""
    return member.membership_status in {"deceased", "archived"}


class _Texts:
    """The text messages that a message to many would be, added up."""

    def __init__(self, mail: BulkMail) -> None:
        self.church = current_church()
        self.prepared = prepare_step(
            subject="", body_html="", body_text=mail.body_text, message_type=mail.message_type
        )
        self.parts = 0
        self.cost: Decimal | None = None
        self.currency = ""

    def add(self, member: Member) -> None:
        text = render(self.prepared, member=member, church=self.church, message_type=Channel.SMS).text
        counted = segments.count(text)
        self.parts += counted.parts
        if counted.cost is not None:
            self.cost = (self.cost or Decimal(0)) + counted.cost
            self.currency = counted.currency
