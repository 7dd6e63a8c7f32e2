"""What the settings say of text messages. Read while settings are made, so it imports nothing of ours."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured


class Twilio(NamedTuple):
    """An account at Twilio. ``sender`` is a number in E.164 or the id of a messaging service (MG…)."""

    account: str
    token: str
    sender: str


class SmsPrice(NamedTuple):
    """What one part of a text message costs; ``currency`` as in ISO 4217."""

    amount: Decimal
    currency: str


def sms_account(value: str) -> Twilio | None:
    """The account that SMS_PROVIDER names; None for the console. Raises ImproperlyConfigured."""
    if value in {"", "console"}:
        return None
    named = re.fullmatch(r"twilio://(AC\w+):(\w+)@(\+[1-9]\d{6,14}|MG\w+)", value)
    if named is None:
        raise ImproperlyConfigured(
            "SMS_PROVIDER is neither “console” nor “twilio://ACCOUNT_SID:AUTH_TOKEN@+15551234567”."
        )
    return Twilio(*named.groups())


def sms_price(value: str) -> SmsPrice | None:
    """What SMS_PRICE says; None where it says nothing. Raises ImproperlyConfigured."""
    if not value:
        return None
    named = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?) ([A-Z]{3})", value)
    if named is None:
        raise ImproperlyConfigured("SMS_PRICE is a price and a currency, like “0.0079 USD”.")
    return SmsPrice(Decimal(named[1]), named[2])
