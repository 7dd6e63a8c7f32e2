"""Text messages through Twilio, by its own library."""

from __future__ import annotations

import logging
from uuid import UUID

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from automation.consent.domain import suppress
from automation.consent.reading import digest_of_address
from automation.models import Channel, Suppression
from automation.sending.outcomes import NotSentError, PermanentError, ProviderError, UncertainError
from tenants.models import Church
from tenants.texting import note_texted

from .account import Twilio
from .addresses import status_url
from .providers import SmsProvider

SECONDS = 15
# https://www.twilio.com/docs/api/errors
OPTED_OUT = 21610
NO_NUMBER = {21211, 21214, 21217, 21401, 21407, 21421, 21614}
# Of our account or our number: the next message would fare the same.
OUR_FAULT = {20003, 20005, 20006, 21212, 21603, 21606, 21659, 21660, 21701, 21703, 21705}

# It writes address and headers of each request.
quiet_logger = logging.getLogger("automation.sms.twilio.requests")
quiet_logger.setLevel(logging.WARNING)


class TwilioProvider(SmsProvider):
    """An account at Twilio. ``api`` is another address than Twilio's own."""

    name = "twilio"

    def __init__(self, account: Twilio, *, api: str = "", seconds: float = SECONDS) -> None:
        self.account = account
        http = TwilioHttpClient(timeout=seconds, logger=quiet_logger)
        self._client = Client(account.account, account.token, http_client=http)
        if api:
            self._client.api.base_url = api

    def send(self, *, to: str, text: str, church: Church, message_id: UUID) -> str:
        # Before it goes out: an answer may be here sooner than Twilio's own.
        note_texted(sender=self.account.sender, number_digest=digest_of_address(to), message_id=message_id)
        is_service = self.account.sender.startswith("MG")
        try:
            made = self._client.messages.create(
                to=to,
                body=text,
                status_callback=status_url(church, message_id),
                **{"messaging_service_sid" if is_service else "from_": self.account.sender},
            )
        except TwilioRestException as error:
            if error.code == OPTED_OUT:
                suppress(channel=Channel.SMS, address=to, reason=Suppression.Reason.STOP)
            raise outcome_of(error) from None
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise ProviderError(f"Twilio cannot be reached ({type(error).__name__}).") from None
        except requests.exceptions.ConnectionError as error:
            if _was_never_connected(error):
                raise ProviderError("Twilio cannot be reached.") from None
            raise UncertainError("The connection to Twilio broke.") from None
        except requests.exceptions.Timeout:
            raise UncertainError("Twilio did not answer in time.") from None
        except (requests.exceptions.RequestException, TwilioException, ValueError) as error:
            # An answer came and cannot be read.
            raise UncertainError(f"Twilio’s answer is not understood ({type(error).__name__}).") from None
        return made.sid or ""


def outcome_of(error: TwilioRestException) -> NotSentError:
    """What a refusal means. Its text has neither the number nor the message, which Twilio repeats."""
    code = error.code or error.status
    if error.code == OPTED_OUT:
        return PermanentError("This person has answered STOP (21610).")
    if error.code in NO_NUMBER:
        return PermanentError(f"The number cannot get text messages ({code}).")
    if error.status == requests.codes.too_many_requests or error.status >= 500:
        return ProviderError(f"Twilio is busy or out of order ({code}).")
    if error.code in OUR_FAULT or error.status in {401, 403}:
        return ProviderError(f"Twilio refuses this account or its number ({code}).")
    return PermanentError(f"Twilio refused the message ({code}).")


def _was_never_connected(error: requests.exceptions.ConnectionError) -> bool:
    """Whether nothing can have been handed over: the name is unknown, or nobody took the connection."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}
