"""Who carries text messages: one small interface, and the provider that SMS_PROVIDER names."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from functools import cache
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from tenants.models import Church

from .account import Twilio
from .segments import count

logger = logging.getLogger(__name__)


class SmsProvider(ABC):
    """Carries text messages to one person each."""

    name: str

    @abstractmethod
    def send(self, *, to: str, text: str, church: Church, message_id: UUID) -> str:
        """Sends ``text`` to the number ``to`` (E.164) for ``church``, which was entered; returns the
        provider's id of it. Raises what ``automation.sending.outcomes`` has.
        """


class ConsoleProvider(SmsProvider):
    """Sends nothing: writes each message into a file below VAR_DIR/sms. Neither number nor text is logged."""

    name = "console"

    def send(self, *, to: str, text: str, church: Church, message_id: UUID) -> str:
        folder = settings.VAR_DIR / "sms"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{timezone.now():%Y%m%d-%H%M%S-%f}-{message_id}.txt"
        file.write_text(f"To: {to}\nFrom: {church.name}\n\n{text}\n")
        logger.info(
            "text message written", extra={"parts": count(text).parts, "text_message": str(message_id)}
        )
        return f"console-{message_id}"


def current() -> SmsProvider:
    """The provider of this installation."""
    return _provider(settings.SMS_ACCOUNT)


@cache
def _provider(account: Twilio | None) -> SmsProvider:
    if account is None:
        return ConsoleProvider()
    # Deferred: twilio's library takes half a second to import, and the console needs none of it.
    from .twilio import TwilioProvider

    return TwilioProvider(account)
