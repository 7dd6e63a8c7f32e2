"""A provider's answers over HTTP, as Postmark and Mailgun give them, and what EMAIL_URL makes of itself."""

from __future__ import annotations

import importlib.util
import json
import threading
import time
import uuid
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from anymail.exceptions import AnymailAPIError
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from django.core.exceptions import ImproperlyConfigured

from automation.sending.email import MailSender, Outgoing
from automation.sending.mail_providers import meaning_of
from automation.sending.outcomes import PermanentError, ProviderError, TemporaryError, UncertainError
from tests.services import HOST, free_port

POSTMARK_TOOK_IT = (200, {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "ada@example.org"})
MAILGUN_TOOK_IT = (200, {"id": "<mg-1@church.example>", "message": "Queued."})


class Provider(ThreadingHTTPServer):
    """Answers ``answer`` (status and JSON) to everything, after ``seconds``; keeps what it was sent."""

    daemon_threads = True

    def __init__(self):
        super().__init__((HOST, 0), Answering)
        self.answer, self.seconds, self.requests = (200, {}), 0, []


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, self.headers, body))
        time.sleep(self.server.seconds)
        status, content = self.server.answer
        if status is None:
            self.close_connection = True
            return
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments):
        """Says nothing."""


@pytest.fixture
def provider():
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def postmark(provider, settings):
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "token",
        "POSTMARK_API_URL": f"http://{HOST}:{provider.server_port}/",
        "REQUESTS_TIMEOUT": (1, 0.3),
    }
    return provider


def outgoing(**values):
    return Outgoing(**{"to": "ada@example.org", "subject": "Hello", "text": "Hello", **values})


def test_postmark_is_told_which_message_of_which_church_it_is(postmark):
    postmark.answer = POSTMARK_TOOK_IT
    church, message = uuid.uuid4(), uuid.uuid4()
    with MailSender() as sender:
        for _repeat in range(2):
            sent = outgoing(html="<p>Hello</p>", church_id=church, message_id=message, topic="news",
                            from_name="Grace Church", reply_to="office@grace.example",
                            headers={"List-Unsubscribe": "<https://grace.example/u>"})  # fmt: skip
            assert sender.send(message=sent) == "pm-1"
    said = json.loads(postmark.requests[0][2])
    assert said["Metadata"] == {"church_id": str(church), "message_id": str(message)}
    assert (said["Tag"], said["ReplyTo"], said["HtmlBody"]) == (
        "news",
        "office@grace.example",
        "<p>Hello</p>",
    )
    assert said["From"].startswith("Grace Church <")
    assert {"Name": "List-Unsubscribe", "Value": "<https://grace.example/u>"} in said["Headers"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((422, {"ErrorCode": 406, "Message": "Found inactive addresses: ada@example.org"}), PermanentError),
        ((422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'ada@example.org'."}), PermanentError),
        ((422, {"ErrorCode": 100, "Message": "something about ada@example.org"}), PermanentError),
        ((422, {"ErrorCode": 400, "Message": "Sender signature not found"}), ProviderError),
        ((401, {"ErrorCode": 10, "Message": "Bad token"}), ProviderError),
        ((429, {"Message": "Slow down"}), TemporaryError),
        ((500, {"Message": "Sorry"}), TemporaryError),
        ((503, b"<html>"), TemporaryError),
        ((504, b"<html>"), UncertainError),
        ((200, b"<html>"), UncertainError),
        ((None, {}), UncertainError),
    ],
)
def test_what_each_answer_means(postmark, answer, expected):
    postmark.answer = answer
    with MailSender() as sender, pytest.raises(expected) as raised:
        sender.send(message=outgoing())
    assert type(raised.value) is expected
    assert "ada@example.org" not in str(raised.value)
    assert len(postmark.requests) == 1


def test_no_answer_in_time_is_uncertain_and_no_connection_is_not(postmark, settings):
    postmark.answer, postmark.seconds = POSTMARK_TOOK_IT, 0.6
    with MailSender() as sender, pytest.raises(UncertainError):
        sender.send(message=outgoing())
    assert len(postmark.requests) == 1
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": f"http://{HOST}:{free_port()}/"}
    with MailSender() as sender, pytest.raises(ProviderError):
        sender.send(message=outgoing())


def test_mailgun_speaks_too(provider, settings):
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {
        "MAILGUN_API_KEY": "key",
        "MAILGUN_SENDER_DOMAIN": "church.example",
        "MAILGUN_API_URL": f"http://{HOST}:{provider.server_port}/v3",
    }
    provider.answer = MAILGUN_TOOK_IT
    with MailSender() as sender:
        assert sender.send(message=outgoing()) == "<mg-1@church.example>"
        provider.answer = (400, {"message": "to parameter is not a valid address"})
        with pytest.raises(PermanentError):
            sender.send(message=outgoing())


def amazons(cause, response=None):
    error = AnymailAPIError(str(cause), response=response)
    error.__cause__ = cause
    return meaning_of(error)


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("MessageRejected", 400, PermanentError),
        ("AccountSuspendedException", 400, ProviderError),
        ("AccessDeniedException", 403, ProviderError),
        ("TooManyRequestsException", 429, TemporaryError),
        ("LimitExceededException", 400, TemporaryError),
        ("InternalFailure", 500, TemporaryError),
    ],
)
def test_amazons_errors(code, status, expected):
    response = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    assert type(amazons(ClientError(response, "SendEmail"), response)) is expected


def test_amazons_silence():
    assert type(amazons(EndpointConnectionError(endpoint_url="https://ses"))) is ProviderError
    assert type(amazons(ReadTimeoutError(endpoint_url="https://ses"))) is UncertainError


def settings_with(monkeypatch, url):
    """The module of mail's settings, read anew."""
    monkeypatch.setenv("EMAIL_URL", url)
    spec = importlib.util.find_spec("churchsaas.settings.mail")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_kind_of_address_names_its_way_to_send(monkeypatch, settings):
    read = lambda url: settings_with(monkeypatch, url)  # noqa: E731 - short for what follows
    plain = read("smtp://us:p%40ss@mail.example:2525")
    assert (plain.EMAIL_HOST, plain.EMAIL_PORT, plain.EMAIL_HOST_PASSWORD) == ("mail.example", 2525, "p@ss")
    assert (plain.EMAIL_USE_TLS, plain.EMAIL_USE_SSL) == (False, False)
    assert read("smtp+tls://mail.example").EMAIL_USE_TLS
    assert read("smtp+ssl://mail.example").EMAIL_USE_SSL
    assert read("").EMAIL_BACKEND.endswith("filebased.EmailBackend")
    amazon = read("ses://eu-west-1").ANYMAIL["AMAZON_SES_CLIENT_PARAMS"]
    assert amazon["region_name"] == "eu-west-1"
    # Its library would send again what got no answer.
    assert amazon["config"]["retries"] == {"total_max_attempts": 1}
    assert "region_name" not in read("ses://").ANYMAIL["AMAZON_SES_CLIENT_PARAMS"]
    mailgun = read("mailgun://key-1@church.example?region=eu").ANYMAIL
    assert (mailgun["MAILGUN_API_KEY"], mailgun["MAILGUN_SENDER_DOMAIN"]) == ("key-1", "church.example")
    assert mailgun["MAILGUN_API_URL"].startswith("https://api.eu.")
    assert read("postmark://AbC-1").ANYMAIL["POSTMARK_SERVER_TOKEN"] == "AbC-1"
    sendgrid = read("sendgrid://SG.x-Y_z")
    assert sendgrid.ANYMAIL["SENDGRID_API_KEY"] == "SG.x-Y_z"
    # All of them can be opened as they are set.
    for module in (
        sendgrid,
        read("postmark://AbC-1"),
        read("mailgun://key@church.example"),
        read("ses://eu-west-1"),
    ):
        settings.EMAIL_BACKEND, settings.ANYMAIL = module.EMAIL_BACKEND, module.ANYMAIL
        from automation.sending.email import connection

        with warnings.catch_warnings():
            assert connection().esp_name


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("gmail://us@example.org", "EMAIL_URL begins with none of smtp://"),
        ("mail.example:25", "EMAIL_URL begins with none of smtp://"),
        ("mailgun://key", "needs the key and the domain"),
        ("postmark://", "needs a token"),
        ("sendgrid://", "needs a token"),
        ("smtp://", "needs a host"),
        ("smtp://us:se/cret@mail.example", "EMAIL_URL is no address"),
    ],
)
def test_an_address_that_makes_no_sense_stops_the_start_and_is_not_repeated(monkeypatch, url, words):
    with pytest.raises(ImproperlyConfigured, match=words) as raised:
        settings_with(monkeypatch, url)
    assert "cret" not in str(raised.value)
