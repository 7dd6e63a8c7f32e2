"""Mail through a provider's own interface: what each way to fail there means.

An answer says what became of the mail. No answer does not, unless the connection was never made.
"""

from __future__ import annotations

from typing import Any

import botocore.exceptions
import requests
from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from .outcomes import PermanentError, ProviderError, TemporaryError, UncertainError
from .smtp import without_addresses

TOO_MANY = 429
# The gateway before the provider got no answer; what stands behind it may have sent the mail.
NO_ANSWER = 504
# Not signed in, not paid, not allowed, unknown domain: the next mail would fare no better.
REFUSES_US = {401, 402, 403, 404, 407}
# Amazon's and Postmark's own words for the same, which come with a 400 or a 422.
CODES_THAT_REFUSE_US = {
    "AccountSuspendedException", "MailFromDomainNotVerifiedException", "SendingPausedException",
    "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException",
    400, 401, 405, 412,
}  # fmt: skip
CODES_OF_TOO_MANY = {
    "LimitExceededException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
# Nothing was handed over: no connection, no key to sign with.
NEVER_ASKED = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.SSLError,
    requests.exceptions.ProxyError,
    botocore.exceptions.EndpointConnectionError,
    botocore.exceptions.ConnectTimeoutError,
    botocore.exceptions.ProxyConnectionError,
    botocore.exceptions.SSLError,
    botocore.exceptions.NoCredentialsError,
    botocore.exceptions.PartialCredentialsError,
    botocore.exceptions.NoRegionError,
)
NO_CONNECTION = "NewConnectionError"


class ProviderCourier:
    """A provider that django-anymail speaks to; ``backend`` is its connection."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._is_open = False

    def send(self, mail: EmailMultiAlternatives) -> str:
        """Sends one mail; returns the provider's id of it."""
        try:
            if not self._is_open:
                self._backend.open()
                self._is_open = True
            self._backend.send_messages([mail])
        except AnymailRecipientsRefused as error:
            raise PermanentError(_("The provider does not write to this address.")) from error
        except AnymailError as error:
            raise meaning_of(error) from error
        except (ValueError, UnicodeError) as error:
            raise PermanentError(_("This is no mail address, or the mail cannot be written.")) from error
        except botocore.exceptions.BotoCoreError as error:
            # Of opening; what goes wrong in sending comes as an AnymailError.
            raise ProviderError(_("The provider of mail cannot be reached.")) from error
        return _accepted(mail.anymail_status)  # type: ignore[attr-defined]  # django-anymail adds it

    def close(self) -> None:
        """Ends the connection."""
        self._backend.close()
        self._is_open = False


def _accepted(status: Any) -> str:
    """The provider's id of a mail that it took. Raises the errors of outcomes where it does not say that."""
    if status.status & {"sent", "queued"}:
        return str(status.message_id or "")
    if getattr(status.esp_response, "status_code", 200) < 300:
        raise UncertainError(_("The provider of mail does not say whether it took the mail."))
    raise PermanentError(_("The provider does not write to this address."))


def meaning_of(error: AnymailError) -> Exception:
    """The error of ``automation.sending.outcomes`` that an error of django-anymail stands for."""
    status, code, text = _answered(error)
    if status is None:
        return _unanswered(error)
    said = _("The provider of mail answered %(code)s: %(text)s") % {
        "code": status,
        "text": without_addresses(text),
    }
    if status in REFUSES_US or code in CODES_THAT_REFUSE_US:
        return ProviderError(said)
    if status == TOO_MANY or code in CODES_OF_TOO_MANY:
        return TemporaryError(said)
    if status < 300 or status == NO_ANSWER:
        # It took the mail, and what it said about that makes no sense.
        return UncertainError(said)
    return PermanentError(said) if status < 500 else TemporaryError(said)


def _answered(error: AnymailError) -> tuple[int | None, Any, str]:
    """Status, the provider's own code, and what it says; no status where no answer came."""
    response = error.response
    if isinstance(response, dict):
        # Amazon's, as its library gives it.
        details = response.get("Error", {})
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        return status, details.get("Code"), str(details.get("Message", ""))
    if response is None:
        return None, None, ""
    try:
        said = response.json()
    except ValueError:
        said = {}
    if not isinstance(said, dict):
        said = {}
    text = said.get("Message") or said.get("message") or _first_of(said.get("errors")) or ""
    return response.status_code, said.get("ErrorCode"), str(text)


def _first_of(errors: Any) -> str:
    first = errors[0] if isinstance(errors, list) and errors else {}
    return str(first.get("message", "")) if isinstance(first, dict) else ""


def _unanswered(error: AnymailError) -> Exception:
    cause = error.__cause__
    if isinstance(cause, NEVER_ASKED) or _never_connected(cause):
        return ProviderError(_("The provider of mail cannot be reached."))
    if cause is None:
        # Said before anything was asked: an address or a value that cannot be sent.
        return PermanentError(without_addresses(str(error)))
    return UncertainError(_("The mail was handed over, and no answer came."))


def _never_connected(cause: BaseException | None) -> bool:
    """Whether requests failed to connect, which it says with the same error as a connection that broke."""
    if not isinstance(cause, requests.exceptions.ConnectionError):
        return False
    reason = getattr(cause.args[0], "reason", None) if cause.args else None
    return any(kind.__name__ == NO_CONNECTION for kind in type(reason).__mro__)
