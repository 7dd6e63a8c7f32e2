"""Mail over SMTP (RFC 5321), step by step, so that at each failure it is known whether anything was sent.

Until the content is handed over nothing has been sent, whatever goes wrong. Once it is, the server's answer
says what became of it; without an answer nobody knows.
"""

from __future__ import annotations

import re
import smtplib
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address
from django.utils.translation import gettext as _

from .outcomes import NotSentError, PermanentError, ProviderError, TemporaryError, UncertainError

# Servers end connections that nobody uses; one that rested longer is not trusted.
IDLE_SECONDS = 30.0
CLOSING = 421
# Answers that say that we must sign in first, or better (RFC 4954, 6).
SIGN_IN = {530, 534, 535, 538}
TOO_LARGE = 552
LONGEST_ANSWER = 300
ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")
BROKEN = (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException, OSError)


class _BrokenError(Exception):
    """The connection ended before the content was handed over."""


class SmtpCourier:
    """One connection, used for one mail after another and made again when it has broken or was idle."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._backend: EmailBackend | None = None
        self._used_at = 0.0

    def send(self, mail: EmailMultiAlternatives) -> str:
        """Hands one mail over; returns an empty text, for SMTP has no id of its own."""
        try:
            sender, recipient = _envelope_address(mail.from_email), _envelope_address(mail.to[0])
            content = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own has it
        except (ValueError, UnicodeError) as error:
            raise PermanentError(_("This is no mail address, or the mail cannot be written.")) from error
        if time.monotonic() - self._used_at > IDLE_SECONDS:
            self.close()
        is_old = self._backend is not None
        try:
            self._announce(sender, recipient, content)
        except _BrokenError as error:
            self.close()
            if not is_old:
                raise TemporaryError(str(error)) from error
            # It ended while nobody used it, or has carried as many mails as the server allows.
            self._announce_once_more(sender, recipient, content)
        self._hand_over(content)
        self._used_at = time.monotonic()
        return ""

    def close(self) -> None:
        """Ends the connection, politely where the server still listens."""
        backend, self._backend = self._backend, None
        if backend is not None:
            _close(backend)

    def _announce_once_more(self, sender: str, recipient: str, content: bytes) -> None:
        try:
            self._announce(sender, recipient, content)
        except _BrokenError as error:
            self.close()
            raise TemporaryError(str(error)) from error

    def _announce(self, sender: str, recipient: str, content: bytes) -> None:
        """Everything up to the content: whom it is from, whom it is for, may it come. Raises NotSentError
        and _BrokenError.
        """
        smtp = self._opened()
        options = [
            *([f"size={len(content)}"] if smtp.has_extn("size") else []),
            *(["body=8bitmime"] if smtp.has_extn("8bitmime") else []),
        ]
        try:
            _demand(smtp.mail(sender, options), refused=_sender_refused)
            _demand(smtp.rcpt(recipient), refused=_recipient_refused)
            _demand(smtp.docmd("data"), refused=_recipient_refused)
        except NotSentError:
            self._forget_mail(smtp)
            raise
        except BROKEN as error:
            raise _BrokenError(_("The mail server ended the connection.")) from error

    def _forget_mail(self, smtp: smtplib.SMTP) -> None:
        """The connection is good for the next mail, or is ended."""
        try:
            code, _text = smtp.rset()
        except BROKEN:
            code = 0
        self._used_at = time.monotonic()
        if code != 250:
            self.close()

    def _hand_over(self, content: bytes) -> None:
        smtp = self._opened()
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(settings.EMAIL_CONTENT_TIMEOUT)
            smtp.send(_quoted(content))
            code, text = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(settings.EMAIL_TIMEOUT)
        except BROKEN as error:
            self.close()
            raise UncertainError(_("The mail was handed over, and no answer came.")) from error
        except BaseException:
            # Ended in the middle of it: whatever came next would be taken for more of the content.
            self._drop()
            raise
        if code == CLOSING:
            self.close()
        if 200 <= code < 300:
            return
        if 500 <= code < 600:
            raise PermanentError(_answer(code, text))
        if 400 <= code < 500:
            raise TemporaryError(_answer(code, text))
        self.close()
        raise UncertainError(_answer(code, text))

    def _opened(self) -> smtplib.SMTP:
        """The connection, signed in. Raises ProviderError."""
        if self._backend is None:
            backend = self._connect()
            try:
                backend.open()
                backend.connection.ehlo_or_helo_if_needed()
            except smtplib.SMTPAuthenticationError as error:
                _close(backend)
                raise ProviderError(_("The mail server refuses our name and password.")) from error
            except (smtplib.SMTPException, OSError, ValueError) as error:
                _close(backend)
                raise ProviderError(_("The mail server cannot be reached.")) from error
            self._backend = backend
        smtp: smtplib.SMTP = self._backend.connection  # type: ignore[assignment]  # open, so there is one
        return smtp

    def _drop(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None and backend.connection is not None:
            backend.connection.close()


def _close(backend: EmailBackend) -> None:
    # It says goodbye, to which a server that has gone does not answer.
    with suppress(smtplib.SMTPException, OSError):
        backend.close()


@lru_cache(maxsize=256)
def _envelope_address(address: str) -> str:
    """The address as servers take it, without a name before it. Raises ValueError."""
    sanitized: str = sanitize_address(address, settings.DEFAULT_CHARSET)
    return sanitized.rpartition("<")[2].rstrip(">")


def _demand(answer: tuple[int, bytes], *, refused: Callable[[int, bytes], NotSentError]) -> None:
    """Raises what an answer before the content means, unless it says to go on."""
    code, text = answer
    if code == CLOSING:
        raise _BrokenError(_answer(code, text))
    if 200 <= code < 400:
        return
    if 500 <= code < 600:
        raise refused(code, text)
    raise TemporaryError(_answer(code, text))


def _sender_refused(code: int, text: bytes) -> NotSentError:
    """All mail has the same sender, so the next would fare no better; unless it is about this mail's size."""
    kind = PermanentError if code == TOO_LARGE else ProviderError
    return kind(_answer(code, text))


def _recipient_refused(code: int, text: bytes) -> NotSentError:
    kind = ProviderError if code in SIGN_IN else PermanentError
    return kind(_answer(code, text))


def _quoted(content: bytes) -> bytes:
    """The content as it is sent: no line of it is the one that ends it (RFC 5321, 4.5.2)."""
    body = re.sub(rb"(?m)^\.", b"..", content)
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _answer(code: int, text: bytes) -> str:
    """What a server said, for people: without addresses."""
    said = without_addresses(text.decode("utf-8", "replace"))
    return _("The mail server answered %(code)s: %(text)s") % {"code": code, "text": said}


def without_addresses(text: str) -> str:
    """One line, without mail addresses, and not too long of it."""
    return ADDRESS.sub("…", " ".join(text.split()))[:LONGEST_ANSWER]
