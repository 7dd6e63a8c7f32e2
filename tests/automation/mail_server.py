"""A mail server that does what a test tells it to, at each step of SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services import HOST, free_port

CLOSE = "close"
SILENCE = "silence"
# Longer than a test's time-outs, and no longer than a server needs to stop.
SECONDS_OF_SILENCE = 2


class Inbox:
    """What the server took, and what it is to answer: ``script`` is step -> answers, used up one by one.

    Steps are MAIL, RCPT, DATA and CONTENT; answers are lines (``"451 later"``), CLOSE and SILENCE.
    """

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.script: dict[str, list[str]] = {}
        self.connections = 0
        self.port = 0

    @property
    def mails(self) -> list[Message]:
        return [message_from_bytes(envelope.original_content or b"") for envelope in self.envelopes]

    @property
    def recipients(self) -> list[str]:
        return [envelope.rcpt_tos[0] for envelope in self.envelopes]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name aiosmtpd calls
        answer = await server.scripted("CONTENT")  # type: ignore[attr-defined]  # the server below
        if answer is None or answer.startswith("2"):
            self.envelopes.append(envelope)
        return answer or "250 kept"


class ScriptedServer(SMTP):
    def __init__(self, inbox: Inbox, **options: Any) -> None:
        super().__init__(inbox, hostname="mail.example", **options)
        self._inbox = inbox
        inbox.connections += 1

    async def scripted(self, step: str) -> str | None:
        """The answer that the script has for this step now, if any."""
        answers = self._inbox.script.get(step)
        answer = answers.pop(0) if answers else None
        if answer == SILENCE:
            await asyncio.sleep(SECONDS_OF_SILENCE)
            answer = CLOSE
        if answer == CLOSE:
            assert self.transport is not None
            self.transport.close()
            return "421 gone"
        if answer and answer.startswith("421"):
            await self.push(answer)
            assert self.transport is not None
            self.transport.close()
        return answer

    async def _step(self, step: str, usual: Any, argument: str | None) -> None:
        answer = await self.scripted(step)
        if answer is None:
            await usual(argument)
        elif not answer.startswith("421"):
            await self.push(answer)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - the name aiosmtpd calls
        await self._step("MAIL", super().smtp_MAIL, arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - the name aiosmtpd calls
        await self._step("RCPT", super().smtp_RCPT, arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the name aiosmtpd calls
        await self._step("DATA", super().smtp_DATA, arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return ScriptedServer(self.handler)


@contextmanager
def mail_server(settings: Any) -> Iterator[Inbox]:
    """A server on this machine, to which ``settings`` send all mail."""
    inbox = Inbox()
    inbox.port = free_port()
    server = _Controller(inbox, hostname=HOST, port=inbox.port)
    server.start()
    # The controller looks whether it is up.
    inbox.connections = 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, inbox.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = settings.EMAIL_CONTENT_TIMEOUT = 1
    try:
        yield inbox
    finally:
        server.stop()
