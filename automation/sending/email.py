"""Sending mail: one connection for many messages, over SMTP or through a provider.

Which of them is Django's setting (``EMAIL_BACKEND``, made of EMAIL_URL). How an attempt ended is always one
of ``automation.sending.outcomes``.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formataddr, make_msgid, parseaddr
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from anymail.backends.base import AnymailBaseBackend
from anymail.exceptions import AnymailNotSupportedWarning
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.utils.translation import gettext as _

from .mail_providers import ProviderCourier
from .outcomes import PermanentError, ProviderError
from .smtp import SmtpCourier

# Programs that answer mail by themselves do not answer this (RFC 3834, 5).
FROM_A_PROGRAM = {"Auto-Submitted": "auto-generated"}


@dataclass(frozen=True)
class Outgoing:
    """One mail. ``message_id`` is that of the row it belongs to, None where there is none. By it and by
    ``church_id`` a provider's report is traced back. ``headers`` are further ones.
    """

    to: str
    subject: str
    text: str
    html: str = ""
    from_name: str = ""
    reply_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    message_id: UUID | None = None
    church_id: UUID | None = None
    topic: str = ""


class Courier(Protocol):
    """One way to send mail. ``send`` returns the provider's own id of it, empty where it gives none."""

    def send(self, mail: EmailMultiAlternatives) -> str: ...

    def close(self) -> None: ...


class MailSender:
    """Sends mail over one connection, opened at the first and closed at the end of the block.

    with MailSender() as sender:
        provider_id = sender.send(message=Outgoing(…))
    """

    def __init__(self) -> None:
        self._courier: Courier | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._courier is not None:
            self._courier.close()

    def send(self, *, message: Outgoing) -> str:
        """Sends one mail; returns the provider's id of it, or its Message-ID.

        Raises the errors of ``automation.sending.outcomes``.
        """
        if self._courier is None:
            self._courier = _courier()
        try:
            mail = _mail(message)
        except ValueError as error:
            raise PermanentError(_("This is no mail address, or the mail cannot be written.")) from error
        return self._courier.send(mail) or mail.extra_headers["Message-ID"].strip("<>")


class _PlainCourier:
    """Files and memory: development and tests."""

    def send(self, mail: EmailMultiAlternatives) -> str:
        try:
            # Each in a connection, which is a file, of its own.
            get_connection().send_messages([mail])
        except OSError as error:
            raise ProviderError(_("The mail could not be written down.")) from error
        except ValueError as error:
            raise PermanentError(_("This is no mail address.")) from error
        return ""

    def close(self) -> None:
        """Nothing is open."""


def connection() -> Any:
    """A new connection of the kind that is set."""
    with warnings.catch_warnings():
        # Of SendGrid, which django-anymail still speaks to but cannot test any more.
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)
        return get_connection()


def _courier() -> Courier:
    backend = connection()
    if isinstance(backend, SmtpBackend):
        return SmtpCourier(connection)
    if isinstance(backend, AnymailBaseBackend):
        return ProviderCourier(backend)
    return _PlainCourier()


def message_id_of(message: Outgoing) -> str:
    """The Message-ID (RFC 5322, 3.6.4): the same each time the same message is sent, so that a receiver
    that gets it twice can tell.
    """
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    domain = address.rpartition("@")[2]
    if message.message_id is None:
        return make_msgid(domain=domain)
    return f"<{message.message_id}@{domain}>"


def _mail(message: Outgoing) -> EmailMultiAlternatives:
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mail = EmailMultiAlternatives(
        subject=" ".join(message.subject.split()),
        body=message.text,
        from_email=formataddr((" ".join(message.from_name.split()), address)),
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"Message-ID": message_id_of(message), **FROM_A_PROGRAM, **message.headers},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    ids = {"church_id": message.church_id, "message_id": message.message_id}
    # Read by django-anymail.
    mail.metadata = {name: str(value) for name, value in ids.items() if value}  # type: ignore[attr-defined]  # as it documents
    mail.tags = [message.topic] if message.topic else []  # type: ignore[attr-defined]  # the same
    return mail
