"""Which of a person's numbers gets text messages."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberType

from members.models import Member

# In North America a number does not tell whether it is a mobile phone's.
TEXTED = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def number_of(member: Member) -> str:
    """The person's mobile number in E.164; empty where there is none that can get text messages. The
    numbers at home and at work are nobody's own.
    """
    return member.phone if can_be_texted(member.phone) else ""


def can_be_texted(number: str) -> bool:
    """Whether a number in E.164 may be a mobile phone's. One with an extension is not."""
    if not number or ";" in number:
        return False
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) in TEXTED
