"""Log lines: JSON, with request, church and user, without secrets. Read from a real server."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from core import context
from core.logs import HIDDEN, ContextFilter, JSONFormatter, without_secrets
from tests import world

BOB = {"email": world.email_of("bob"), "password": world.PASSWORD}
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySWQiOiIxIn0.c2lnbmF0dXJl"


def lines_of(server):
    return [json.loads(line) for line in server.text().splitlines() if line.startswith("{")]


def requests_of(server):
    return [line for line in lines_of(server) if line["message"] == "request"]


@pytest.mark.slow
def test_a_real_servers_lines_hold_ids_and_no_secret(own_database, web):
    server = web(own_database, environment={"RATE_LIMIT_SCALE": "100"})
    grace = {"host": "grace.localhost"}
    signed_in = server.post("/api/auth/login", json=BOB, **grace).json()
    bearer = {"Authorization": f"Bearer {signed_in['access']}"}
    secret = "not-the-password-7731"
    link = "eyJ1c2VyIjoiYiJ9:1abcDE:s3cretsecretsecretsecret"
    json_type = {"headers": {"Content-Type": "application/json"}}
    wanted = [
        ("POST", "/api/auth/login", 401, {"json": {**BOB, "password": secret}}),
        ("POST", "/api/auth/login", 400, {"content": f'{{"password": "{secret}"', **json_type}),
        ("GET", f"/api/auth/me?token={secret}", 200, {"headers": bearer}),
        ("GET", f"/api/nothing?password={secret}", 404, {"headers": bearer}),
        ("GET", "/api/members", 401, {"headers": {"Authorization": f"Bearer {secret}"}}),
        ("POST", "/api/auth/reset-password", 400, {"json": {"token": link, "password": secret}}),
        ("POST", "/api/auth/refresh", 401, {"json": {"refresh": TOKEN}}),
        ("GET", f"/set-password/{link}/", 404, {}),
        ("POST", "/api/auth/refresh", 200, {"json": {"refresh": signed_in["refresh"]}}),
        ("POST", "/admin/login/", 403, {"data": {"username": BOB["email"], "password": secret}}),
    ]
    for method, path, status, options in wanted:
        assert server.request(method, path, **grace, **options).status_code == status, path
    server.stop()

    text = server.text()
    for hidden in (
        secret,
        world.PASSWORD,
        signed_in["access"],
        signed_in["refresh"],
        TOKEN,
        link,
        link[-24:],
    ):
        assert hidden not in text
    assert world.email_of("bob") not in text
    found = [line for line in requests_of(server) if line["church"]]
    assert [(line["method"], line["status"]) for line in found[1:]] == [
        (method, status) for method, _, status, _ in wanted
    ]
    tenant = signed_in["user"]["tenant"]["id"]
    assert {line["church"] for line in found} == {tenant}
    assert len({line["request_id"] for line in found}) == len(found)
    me = next(line for line in found if line["path"] == "/api/auth/me")
    assert me["user"] == signed_in["user"]["id"]
    assert me["level"] == "INFO"
    assert me["milliseconds"] > 0
    assert any(line["path"] == f"/set-password/{HIDDEN}/" for line in found)


@pytest.fixture
def line():
    """``line(message, extra)``: what the formatter makes of a record, read back."""

    def write(message, *args, extra=None, exc_info=None):
        logger = logging.getLogger("tests.logs")
        record = logger.makeRecord(
            "tests.logs", logging.INFO, "file", 1, message, args, exc_info, extra=extra
        )
        ContextFilter().filter(record)
        return json.loads(JSONFormatter().format(record))

    return write


def test_a_line_says_who_and_what_it_is_about(line):
    tokens = [context.request_id.set("r"), context.owner_id.set("c"), context.user_id.set("u")]
    written = line("something")
    for variable, token in zip((context.request_id, context.owner_id, context.user_id), tokens, strict=True):
        variable.reset(token)
    assert written.pop("time").startswith("20")
    assert written == {
        "request_id": "r", "church": "c", "user": "u",
        "message": "something", "level": "INFO", "logger": "tests.logs",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "token", "refresh_token", "Authorization", "cookie", "api_key", "note"],
)
def test_what_is_secret_by_its_name_is_hidden(line, name):
    written = line("x", extra={name: "hunter2", "outer": {name: "hunter2", "kept": [1, {name: "hunter2"}]}})
    assert "hunter2" not in str(written)
    assert written["outer"]["kept"][0] == 1


@pytest.mark.parametrize(
    "text",
    [
        f"refused {TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        "https://grace.example/set-password/hunter2:x:y/",
        "GET /files/hunter2:1xWL:x-y_z",
        "https://store.example/a/b?X-Amz-Signature=hunter2&a=b",
        "https://grace.example/prayer/mine/hunter2/",
        "GET /events/feed/hunter2.ics",
        "GET /events/registrations/hunter2:x-y/",
        "POST /messages/hunter2:x-y_z/unsubscribe",
        "List-Unsubscribe: <https://grace.example/messages/hunter2:x-y/unsubscribe>",
        "GET /api/notifications/stream?ticket=hunter2",
        "GET /x?token=hunter2&a=b",
        "password=hunter2 user=a",
        "postgresql://somebody:hunter2@db.example/x",
    ],
)
def test_what_is_secret_by_its_look_is_hidden(line, text):
    for written in (line(text), line("said %s", text), line("x", extra={"detail": {"inner": [text]}})):
        assert "hunter2" not in str(written)
        assert TOKEN not in str(written)


def test_a_traceback_tells_no_secret_either(line):
    try:
        raise ValueError("postgresql://somebody:hunter2@db.example/x")
    except ValueError:
        written = line("failed", exc_info=sys.exc_info())
    assert "ValueError" in written["exc_info"]
    assert "hunter2" not in str(written)


def test_the_request_itself_is_not_written(line, rf):
    written = line("Not Found", extra={"request": rf.get("/x?email=bob@grace.example"), "status_code": 404})
    assert written["status_code"] == 404
    assert "bob@grace.example" not in str(written)


def test_harmless_text_stays():
    for text in ("42 rows", "https://grace.example/members", "tokens are fine to speak of", "pass"):
        assert without_secrets(text) == text
