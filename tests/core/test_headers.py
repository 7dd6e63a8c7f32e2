"""Security headers on every kind of answer."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.security.actors import session_cookie

EXPECTED = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-DNS-Prefetch-Control": "off",
    "X-XSS-Protection": "0",
    "Origin-Agent-Cluster": "?1",
}
GRACE = "grace.localhost"

# (what, host, path, status, signed in)
ANSWERS = [
    ("list", GRACE, "/api/members", 200, True),
    ("browsable page", GRACE, "/api/members?format=api", 200, True),
    ("refusal", GRACE, "/api/members", 401, False),
    ("forbidden by role", GRACE, "/api/members?page=x", 400, True),
    ("unknown address", GRACE, "/api/nothing", 404, False),
    ("unknown page", GRACE, "/nothing", 404, False),
    ("NUL", GRACE, "/api/members?x=%00", 400, False),
    ("no host", "a b", "/", 400, False),
    ("unknown host", "nowhere.localhost", "/", 404, False),
    ("fault", GRACE, "/api/fault", 500, False),
    ("fault of a page", GRACE, "/fault", 500, False),
    ("description", GRACE, "/api/schema", 200, False),
    ("documentation", GRACE, "/api/docs", 200, False),
    ("documentation's script", GRACE, "/api/docs?script=", 200, False),
    ("sign-in", GRACE, "/admin/login/", 200, False),
    ("way to sign-in", GRACE, "/admin/", 302, False),
    ("admin", GRACE, "/admin/", 200, True),
    ("people", GRACE, "/admin/members/member/", 200, True),
    ("forgotten password", GRACE, "/forgot-password/", 200, False),
    ("invalid link", GRACE, "/set-password/x/", 404, False),
    ("static file", GRACE, "/static/core/error.css", 200, False),
    ("missing static file", GRACE, "/static/nothing.css", 404, False),
    ("probe", "localhost", "/healthz", 200, False),
    ("platform's sign-in", "localhost", "/admin/login/", 200, False),
]
# The page behind a mailed link keeps its address to itself more strictly still.
STRICTER_REFERRER = {"forgotten password", "invalid link"}


@pytest.fixture
def ask(user, grace, settings):
    """``ask(host, path, signed_in)``: the answer, server errors as answers."""
    settings.ROOT_URLCONF = "tests.core.urls_with_faults"
    answers = []

    def get(host, path, signed_in):
        client = Client(HTTP_HOST=host, raise_request_exception=False)
        if signed_in:
            client.cookies[settings.SESSION_COOKIE_NAME] = session_cookie(user("anna"), grace)
        accept = None if path.startswith("/api/") else {"Accept": "text/html,*/*;q=0.8"}
        answers.append(client.get(path, headers=accept))
        return answers[-1]

    yield get
    for answer in answers:
        # The file that a static answer streams.
        answer.close()


def policy(answer) -> dict[str, list[str]]:
    directives = (part.split() for part in answer["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in directives}


@pytest.mark.parametrize(("what", "host", "path", "status", "signed_in"), ANSWERS, ids=lambda v: str(v)[:30])
def test_every_kind_of_answer_carries_them(ask, what, host, path, status, signed_in):
    answer = ask(host, path, signed_in)
    assert answer.status_code == status
    expected = dict(EXPECTED)
    if what in STRICTER_REFERRER:
        expected["Referrer-Policy"] = "same-origin"
    assert {name: answer.get(name) for name in expected} == expected
    csp = policy(answer)
    assert csp["default-src"] == ["'self'"]
    assert csp["frame-ancestors"] == ["'none'"]
    assert csp["object-src"] == ["'none'"]
    assert csp["base-uri"] == ["'self'"]
    assert csp["form-action"] == ["'self'"]
    assert csp["script-src"] == ["'self'"]
    assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-ID"])
    assert "Server" not in answer
    assert "X-Powered-By" not in answer


INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", re.I)
EVENT_HANDLER = re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.I)


@pytest.mark.parametrize(
    ("what", "host", "path", "status", "signed_in"),
    [case for case in ANSWERS if case[3] < 500 or case[0] == "fault of a page"],
    ids=lambda v: str(v)[:30],
)
def test_no_page_needs_a_script_in_its_markup(ask, what, host, path, status, signed_in):
    answer = ask(host, path, signed_in)
    if not answer.get("Content-Type", "").startswith("text/html"):
        return
    page = answer.content.decode()
    assert not INLINE_SCRIPT.findall(page)
    assert not EVENT_HANDLER.findall(page)
    assert not re.findall(r"(?:href|src|action)=[\"']?\s*javascript:", page, re.I)


def test_answers_of_the_api_are_kept_by_no_cache(ask):
    for path, signed_in in (("/api/members", True), ("/api/members", False), ("/api/nothing", False)):
        assert ask(GRACE, path, signed_in)["Cache-Control"] == "private, no-store"


def test_the_request_id_of_a_client_is_taken_over_from_a_proxy_only(db, settings):
    sent = {"HTTP_X_REQUEST_ID": "from-outside-0123456789"}
    client = Client(HTTP_HOST=GRACE)
    assert client.get("/api/nothing", **sent)["X-Request-ID"] != sent["HTTP_X_REQUEST_ID"]
    settings.TRUSTED_PROXIES = 1
    assert client.get("/api/nothing", **sent)["X-Request-ID"] == sent["HTTP_X_REQUEST_ID"]
    for bad in ("short", "x" * 65, "a b c d e f g", "<script>alert(1)</script>", "a\nb\nc\nd\ne\nf"):
        assert client.get("/api/nothing", HTTP_X_REQUEST_ID=bad)["X-Request-ID"] != bad


def test_cookies_belong_to_one_host_and_no_script(db, settings):
    answer = Client(HTTP_HOST=GRACE).post(
        "/admin/login/", {"username": "anna@grace.example", "password": "correct horse battery"}
    )
    assert answer.status_code == 302
    session = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert (session["httponly"], session["samesite"], session["domain"], session["path"]) == (
        True,
        "Lax",
        "",
        "/",
    )
