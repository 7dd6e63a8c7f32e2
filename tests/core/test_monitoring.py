"""What leaves for Sentry: that something broke, for which church and user, and nothing personal."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.monitoring import prepare_event, without_personal_data
from tests import world
from tests.services import HOST, wait_until

BOB = world.email_of("bob")


class Collector(BaseHTTPRequestHandler):
    """Takes envelopes as Sentry does; the server's ``events`` are the events in them."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        lines = [json.loads(line) for line in body.decode().splitlines() if line]
        for header, payload in zip(lines[1::2], lines[2::2], strict=False):
            self.server.received.append((header.get("type"), payload))
        self.server.raw.append(body.decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        """Says nothing."""


@pytest.fixture
def sentry():
    """A server on this machine that takes what sentry_sdk sends."""
    server = ThreadingHTTPServer((HOST, 0), Collector)
    server.received, server.raw = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
def test_a_real_servers_errors_arrive_with_ids_and_without_personal_data(own_database, web, sentry):
    server = web(
        own_database,
        environment={
            "DJANGO_SETTINGS_MODULE": "tests.core.settings_with_faults",
            "SENTRY_DSN": f"http://key@{HOST}:{sentry.server_port}/1",
        },
    )
    grace = {"host": "grace.localhost"}
    signed_in = server.post(
        "/api/auth/login", json={"email": BOB, "password": world.PASSWORD}, **grace
    ).json()
    headers = {
        "Authorization": f"Bearer {signed_in['access']}",
        "Cookie": "session=secret-cookie-4711; other=1",
        "User-Agent": "agent-of-bob",
        "X-Forwarded-For": "203.0.113.77",
    }
    personal = {"first_name": "Ludmilla", "email": "ludmilla@home.example", "phone": "+1 217 555 0199"}
    for path in ("/api/fault?q=Ludmilla", "/api/taken?q=Ludmilla"):
        answer = server.post(path, json=personal, headers=headers, **grace)
        assert answer.status_code == 500
    wait_until(lambda: len(sentry.received) >= 2, seconds=20, what="events at Sentry")
    server.stop()

    events = [payload for kind, payload in sentry.received if kind == "event"]
    assert {event["exception"]["values"][-1]["type"] for event in events} == {
        "RuntimeError",
        "IntegrityError",
    }
    for event in events:
        assert event["tags"]["church"] == signed_in["user"]["tenant"]["id"]
        assert len(event["tags"]["request_id"]) == 32
        assert event["request"].keys() == {"method", "url"}
        assert "?" not in event["request"]["url"]
    taken = next(e for e in events if e["exception"]["values"][-1]["type"] == "IntegrityError")
    assert taken["user"] == {"id": signed_in["user"]["id"]}
    everything = "\n".join(sentry.raw)
    for word in (
        *personal.values(), BOB, "bob@", "hunter2", "secret-cookie-4711", "agent-of-bob", "203.0.113.77",
        signed_in["access"], "Ludmilla",
    ):  # fmt: skip
        assert word not in everything, word


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Key (lower(email))=(a@b.example) already exists.", "a@b.example"),
        ("null value\nDETAIL:  Failing row contains (5, Ludmilla, Home).", "Ludmilla"),
        ("invalid literal for int(): 'Ludmilla'", "Ludmilla"),
        ('no such person "Ludmilla"', "Ludmilla"),
        ("“Ludmilla” is no phone number", "Ludmilla"),
        ("call 217-555-0199 now", "555"),
        ("+12175550199", "555"),
    ],
)
def test_texts_of_exceptions_lose_what_is_personal(text, hidden):
    assert hidden not in without_personal_data(text)


def test_texts_of_exceptions_keep_what_helps():
    text = "relation does not exist at line 42 in module members.domain"
    assert without_personal_data(text) == text


def test_a_log_line_leaves_without_what_was_put_in():
    event = prepare_event(
        {
            "logentry": {
                "message": "mail to %s failed",
                "formatted": "mail to a@b.example failed",
                "params": ["a@b"],
            }
        },
        {},
    )
    assert event["logentry"] == {"message": "mail to %s failed"}
