"""What a person is told of what they declined and answered, and what is left of it when they are erased:
digests, which nobody can read.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from automation.models import AutomatedMessage, ProviderEvent, Suppression
from members.models import Member
from members.personal_data.registry import Erasure, Fate, Row, on_erasure, section

from .domain import forget_addresses
from .preferences import addresses_of_person
from .reading import digest_of_address


@section("declined", _("Messages declined"), models=[Suppression])
def declined(member: Member) -> Iterable[Row]:
    known = {address for addresses in addresses_of_person(member).values() for address in addresses}
    gone_to = AutomatedMessage.objects.filter(recipient=member).exclude(address="")
    known |= set(gone_to.values_list("address", flat=True))
    digests = {digest_of_address(address) for address in known}
    for entry in Suppression.objects.filter(address_digest__in=digests).order_by("created_at", "id"):
        yield {
            "created_at": entry.created_at,
            "channel": str(entry.get_channel_display()),
            "topic": str(entry.get_topic_display()),
            "address": entry.address,
            "reason": str(entry.get_reason_display()),
        }


@section("message_reports", _("Answers, and reports on messages"), models=[ProviderEvent])
def reports(member: Member) -> Iterable[Row]:
    theirs = ProviderEvent.objects.filter(message__recipient=member).order_by("occurred_at", "id")
    for event in theirs:
        yield {
            "occurred_at": event.occurred_at,
            "kind": str(event.get_kind_display()),
            "detail": event.detail,
        }


def forget_declined(erasure: Erasure) -> None:
    """The wish not to be written to outlives the person's entry: an import may bring the address back."""
    written_to = AutomatedMessage.objects.filter(recipient__in=erasure.member_ids).exclude(address="")
    forget_addresses({*erasure.emails, *written_to.values_list("address", flat=True)})


def forget_reports(erasure: Erasure) -> None:
    """Neither what they answered nor what a mail server said of their address stays."""
    ProviderEvent.objects.filter(message__recipient__in=erasure.member_ids).update(detail="")


on_erasure(Suppression, Fate.WIPED, forget_declined)
on_erasure(ProviderEvent, Fate.WIPED, forget_reports)
