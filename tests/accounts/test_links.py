"""Links to set a password: mailed, good once, for a while, at one church."""

from __future__ import annotations

import re
import time

import pytest
from aiosmtpd.controller import Controller
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from accounts import links
from accounts.domain import change_user, create_user, invite
from accounts.models import User
from tenants.context import enter_church
from tenants.domain import add_domain
from tests import world
from tests.services import HOST, free_port

NEW = "an entirely new one"
INVALID = {"token": ["This link is not valid any more. Ask for a new one."]}


@pytest.fixture
def link_of(user, church_of):
    """``link_of("bob", links.RESET)``: the token of a link for an actor of tests.world."""

    def make(actor, purpose=links.RESET):
        with enter_church(church_of(actor)):
            return links.make_token(user(actor), purpose)

    return make


@pytest.fixture
def use(api):
    """``use(token)``: Grace's answer to the token with a new password."""

    def post(token, password=NEW, host=None):
        return api(None, host=host).post("/api/auth/reset-password", {"token": token, "password": password})

    return post


@pytest.fixture
def sign_in(api):
    def post(email, password, host=None):
        return api(None, host=host).post("/api/auth/login", {"email": email, "password": password})

    return post


def test_a_link_sets_the_password_once(link_of, use, sign_in):
    token = link_of("bob")
    answer = use(token)
    assert (answer.status_code, answer.content) == (204, b"")
    assert sign_in(world.email_of("bob"), NEW).status_code == 200
    assert sign_in(world.email_of("bob"), world.PASSWORD).status_code == 401
    again = use(token, "yet another password")
    assert again.status_code == 400
    assert again.json()["errors"] == INVALID


def test_two_links_of_one_person_end_with_the_first_that_is_used(link_of, use):
    first, second = link_of("bob"), link_of("bob")
    assert use(second).status_code == 204
    assert use(first).status_code == 400


@pytest.mark.parametrize(("purpose", "seconds"), [(links.RESET, 3600), (links.INVITATION, 7 * 24 * 3600)])
def test_a_link_expires(link_of, use, monkeypatch, purpose, seconds):
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: now - seconds - 1)
        late = link_of("bob", purpose)
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: now - seconds + 60)
        in_time = link_of("bob", purpose)
    assert use(late).json()["errors"] == INVALID
    assert use(in_time).status_code == 204


@pytest.mark.parametrize("how", ["copied", "copied and made that church's own"])
def test_a_link_is_worth_nothing_at_another_church(link_of, use, user, hope, how):
    token, twin = link_of("bob"), user("bob")
    if how != "copied":
        twin.tenant = hope
    with enter_church(hope):
        User.objects.bulk_create([twin])
    assert use(token, host="hope.localhost").json()["errors"] == INVALID
    assert use(token).status_code == 204


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "bob@elsewhere.example"}])
def test_a_link_ends_when_the_account_changes(link_of, use, user, grace, change):
    token = link_of("bob")
    with enter_church(grace):
        change_user(user=user("bob"), **change)
    assert use(token).json()["errors"] == INVALID


def test_a_link_to_a_deleted_account_is_invalid(link_of, use, user, grace):
    token = link_of("bob")
    with enter_church(grace):
        user("bob").delete()
    assert use(token).json()["errors"] == INVALID


def test_forged_links_are_invalid(link_of, use, user, grace):
    token = link_of("bob")
    content, stamp, signature = token.split(":")
    mine = signing.loads(token, salt=links.SALT)
    forged = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        f"{content}:{stamp}",
        f"{content[:-2]}:{stamp}:{signature}",
        f"{content}:zzzzzz:{signature}",
        signing.dumps(mine, salt="another salt"),
        signing.dumps(mine, salt=links.SALT, key="another key"),
        "nonsense", "é:é:é", "::", "a" * 4000,
    ]  # fmt: skip
    for candidate in forged:
        assert use(candidate).json()["errors"] == INVALID, candidate
    assert use(token).status_code == 204


@pytest.mark.parametrize("password", ["short", "1234567890", "password123", "bob@grace.example"])
def test_a_weak_password_is_refused_and_the_link_stays_good(link_of, use, password):
    token = link_of("bob")
    answer = use(token, password)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"password"}
    assert use(token).status_code == 204


# -- The mail --


class Mailbox:
    """Keeps what a mail server is given."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name aiosmtpd calls
        self.mails.append(envelope)
        return "250 kept"


@pytest.fixture
def mailbox(settings):
    """A mail server on this machine; ``mails`` holds what it was given."""
    box = Mailbox()
    server = Controller(box, hostname=HOST, port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, server.port
    yield box
    server.stop()


def link_in(envelope) -> str:
    text = envelope.content.decode().replace("=\r\n", "").replace("=3D", "=")
    return re.search(r"https?://\S+", text)[0]


def test_a_reset_is_mailed_with_the_churchs_own_address(api, mailbox, work_queue, use, grace):
    add_domain(church=grace, host="www.grace-church.example")
    for host in ("GRACE.localhost.:4711", "www.grace-church.example"):
        answer = api(None, host=host).post(
            "/api/auth/forgot-password",
            {"email": "BOB@grace.example"},
            HTTP_X_FORWARDED_HOST="evil.example",
            HTTP_FORWARDED="host=evil.example",
            HTTP_ORIGIN="https://evil.example",
        )
        assert (answer.status_code, answer.content) == (202, b"")
    work_queue()
    assert [mail.rcpt_tos for mail in mailbox.mails] == [["bob@grace.example"]] * 2
    for mail in mailbox.mails:
        assert link_in(mail).startswith("http://grace.localhost:8000/set-password/")
    token = link_in(mailbox.mails[0]).split("/set-password/")[1].rstrip("/")
    assert use(token).status_code == 204


def test_an_invitation_is_mailed(mailbox, work_queue, use, sign_in, grace):
    with enter_church(grace):
        invite(user=create_user(email="new@grace.example", role="staff", first_name="Nora"))
    work_queue()
    (mail,) = mailbox.mails
    assert mail.rcpt_tos == ["new@grace.example"]
    assert b"Grace Church" in mail.content
    assert sign_in("new@grace.example", NEW).status_code == 401
    token = link_in(mail).split("/set-password/")[1].rstrip("/")
    assert use(token).status_code == 204
    assert sign_in("new@grace.example", NEW).status_code == 200


@pytest.mark.parametrize("email", ["nobody@grace.example", world.email_of("hugo"), world.SUPERUSER])
def test_nobody_is_mailed_who_does_not_sign_in_here(api, mailbox, work_queue, email):
    assert api(None).post("/api/auth/forgot-password", {"email": email}).status_code == 202
    assert work_queue() == 1
    assert mailbox.mails == []


def test_who_is_switched_off_gets_no_mail(api, mailbox, work_queue, user, grace):
    with enter_church(grace):
        change_user(user=user("bob"), is_active=False)
    api(None).post("/api/auth/forgot-password", {"email": world.email_of("bob")})
    work_queue()
    assert mailbox.mails == []


def test_asking_for_a_reset_is_the_same_work_for_known_and_unknown(api):
    client = api(None)
    client.get("/api/auth/me")  # The first request looks the host up.
    seen = []
    for email in (world.email_of("bob"), "nobody@grace.example", "nobody@elsewhere.example"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/api/auth/forgot-password", {"email": email})
        statements = [re.sub(r"'[^']*'|[0-9]+", "?", query["sql"]) for query in queries]
        headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
        seen.append((answer.status_code, answer.content, headers, statements, OrmQ.objects.count()))
        OrmQ.objects.all().delete()
    assert seen[0][4] == 1
    assert seen == [seen[0]] * 3


def test_one_accounts_mailbox_is_not_filled(api):
    statuses = [
        api(None).post("/api/auth/forgot-password", {"email": email}).status_code
        for email in ("bob@grace.example", "BOB@grace.example", " bob@grace.example", "bob@grace.example")
    ]
    assert statuses == [202, 202, 202, 429]
    unknown = [
        api(None).post("/api/auth/forgot-password", {"email": "nobody@grace.example"}).status_code
        for _ in range(4)
    ]
    assert unknown == statuses
