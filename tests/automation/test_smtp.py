"""At each step of SMTP it is known whether anything was sent."""

from __future__ import annotations

import uuid

import pytest

from automation.sending import smtp
from automation.sending.email import MailSender, Outgoing
from automation.sending.outcomes import PermanentError, ProviderError, TemporaryError, UncertainError
from tests.automation.mail_server import CLOSE, SILENCE, mail_server
from tests.services import free_port


@pytest.fixture
def inbox(settings):
    settings.DEFAULT_FROM_EMAIL = "no-reply@church.example"
    with mail_server(settings) as box:
        yield box


def outgoing(to="ada@example.org", **values):
    return Outgoing(**{"to": to, "subject": "Hello", "text": "Hello Ada\n.\n.dot\n", **values})


@pytest.mark.parametrize(
    ("step", "answers", "expected"),
    [
        ("MAIL", ["421 busy"], TemporaryError),
        ("MAIL", ["451 later"], TemporaryError),
        ("MAIL", ["550 not you"], ProviderError),
        ("MAIL", ["530 sign in"], ProviderError),
        ("MAIL", ["552 too large"], PermanentError),
        ("MAIL", [CLOSE], TemporaryError),
        ("MAIL", [SILENCE], TemporaryError),
        ("RCPT", ["421 busy"], TemporaryError),
        ("RCPT", ["451 greylisted"], TemporaryError),
        ("RCPT", ["550 <ada@example.org> unknown"], PermanentError),
        ("RCPT", ["530 sign in"], ProviderError),
        ("RCPT", [CLOSE], TemporaryError),
        ("DATA", ["421 busy"], TemporaryError),
        ("DATA", ["451 later"], TemporaryError),
        ("DATA", ["554 no"], PermanentError),
        ("DATA", [CLOSE], TemporaryError),
        ("CONTENT", ["421 busy"], TemporaryError),
        ("CONTENT", ["451 later"], TemporaryError),
        ("CONTENT", ["554 unwanted"], PermanentError),
        ("CONTENT", [CLOSE], UncertainError),
        ("CONTENT", [SILENCE], UncertainError),
    ],
)
def test_what_each_answer_means(inbox, step, answers, expected):
    inbox.script = {step: list(answers)}
    with MailSender() as sender:
        with pytest.raises(expected) as raised:
            sender.send(message=outgoing())
        # Not one of its children, which mean something else.
        assert type(raised.value) is expected
        assert "ada@example.org" not in str(raised.value)
        assert not inbox.envelopes
        # The same sender goes on with the next, on this connection or another.
        sender.send(message=outgoing("bob@example.org"))
    assert inbox.recipients == ["bob@example.org"]


def test_one_connection_carries_all_and_is_made_again_when_it_ends(inbox):
    with MailSender() as sender:
        for number in range(3):
            sender.send(message=outgoing(f"p{number}@example.org"))
        assert inbox.connections == 1
        # As a server does that allows so many mails on each.
        inbox.script = {"MAIL": ["421 enough"]}
        sender.send(message=outgoing("p3@example.org"))
        inbox.script = {"RCPT": [CLOSE]}
        sender.send(message=outgoing("p4@example.org"))
    assert inbox.connections == 3
    assert inbox.recipients == [f"p{number}@example.org" for number in range(5)]


def test_a_connection_that_was_idle_is_not_trusted(inbox, monkeypatch):
    monkeypatch.setattr(smtp, "IDLE_SECONDS", -1.0)
    with MailSender() as sender:
        sender.send(message=outgoing())
        sender.send(message=outgoing())
    assert inbox.connections == 2


def test_a_mail_carries_the_churchs_name_and_what_reports_and_filters_need(inbox):
    message_id = uuid.uuid4()
    message = outgoing(
        text="Hello Ada\n.\n.dot\n",
        html="<p>Grüße</p>",
        subject="Grüße\r\nBcc: eve@example.org",
        from_name='Grace "Hill", Église\n',
        reply_to="office@grace.example",
        headers={"List-Unsubscribe": "<https://grace.example/u>"},
        message_id=message_id,
    )
    with MailSender() as sender:
        assert sender.send(message=message) == f"{message_id}@church.example"
    [mail] = inbox.mails
    [envelope] = inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@church.example", ["ada@example.org"])
    assert mail["Message-ID"] == f"<{message_id}@church.example>"
    assert mail["Reply-To"] == "office@grace.example"
    assert mail["List-Unsubscribe"] == "<https://grace.example/u>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"].endswith("<no-reply@church.example>")
    assert mail["Bcc"] is None
    parts = {part.get_content_type(): part.get_payload(decode=True).decode() for part in mail.walk()
             if not part.is_multipart()}  # fmt: skip
    assert list(parts) == ["text/plain", "text/html"]
    assert parts["text/plain"].splitlines() == ["Hello Ada", ".", ".dot"]
    assert "<p>Grüße</p>" in parts["text/html"]


def test_a_server_that_is_not_there_is_the_providers_fault(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with MailSender() as sender, pytest.raises(ProviderError):
        sender.send(message=outgoing())


def test_a_server_that_knows_no_passwords_is_the_providers_fault(inbox, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "secret"
    with MailSender() as sender, pytest.raises(ProviderError):
        sender.send(message=outgoing())


def test_what_is_no_address_fails_at_once(inbox):
    with MailSender() as sender, pytest.raises(PermanentError):
        sender.send(message=outgoing("ada@@"))
    assert inbox.connections == 0
