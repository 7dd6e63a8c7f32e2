"""Where a message to a person goes."""

from __future__ import annotations

from automation.models import Channel
from automation.sms.numbers import number_of
from members.models import Member


def address_of(member: Member, channel: str) -> str:
    """The person's email, or the number that can get text messages; empty where there is none."""
    return number_of(member) if channel == Channel.SMS else member.email
