"""Where one is signed in: seen, ended singly and everywhere; over the API and on the page."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import BrowserSession, LoginSession, User
from accounts.sessions.devices import device
from accounts.tokens import AccessToken, start_login
from tenants.context import enter_church, outside_churches
from tenants.models import Church
from tenants.signals import church_swept
from tests import world
from tests.accounts.sign_in import NEW_PASSWORD, at, sign_in
from tests.pages import text_of
from tests.problems import assert_problem
from tests.security.actors import content_of

SESSIONS = "/api/auth/sessions"
PLACES = "/admin/signed-in/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def firefox(db):
    """Bob in Firefox, who signed in on the page."""
    client = Client(HTTP_HOST="grace.localhost", HTTP_USER_AGENT=FIREFOX)
    sign_in(client)
    return client


def is_in(client) -> bool:
    return client.get("/admin/").status_code == 200


def key_of(client) -> str:
    with enter_church(Church.objects.get(subdomain="grace")):
        return client.session["browser_session"]


# -- Over the API --


def test_the_list_shows_ones_own_logins_and_browsers(api, firefox, browser_session):
    browser_session("alice")
    bob = api("bob")
    body = bob.get(SESSIONS).json()
    assert set(body) == {"count", "next", "previous", "results"}
    assert body["count"] == 2
    login, browser = body["results"]
    assert (login["kind"], login["current"], login["address"]) == ("api", True, "")
    assert (browser["kind"], browser["current"]) == ("browser", False)
    assert (browser["user_agent"], browser["address"]) == (FIREFOX, "127.0.0.1")
    assert set(login) == set(browser) == {
        "id", "kind", "created_at", "last_used_at", "user_agent", "address", "current",
    }  # fmt: skip


def test_the_browser_that_asks_is_the_current_one(firefox, tokens):
    tokens("bob")
    rows = {row["kind"]: row["current"] for row in firefox.get(SESSIONS).json()["results"]}
    assert rows == {"api": False, "browser": True}


def test_a_list_of_thirty_asks_as_often_as_one_of_two(api, user, grace):
    bob = api("bob")
    bob.get(SESSIONS)
    counts = []
    for more in (1, 28):
        with enter_church(grace):
            for _login in range(more):
                start_login(user=user("bob"))
        with CaptureQueriesContext(connection) as queries:
            bob.get(SESSIONS)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert bob.get(f"{SESSIONS}?page_size=10&page=3").json()["results"]
    assert_problem(bob.get(f"{SESSIONS}?page=2"), 404)


def test_a_login_and_a_browser_end_at_their_next_request(api, tokens, firefox):
    other = tokens("bob")
    client = api("bob")
    sid = content_of(other["access"])["sid"]
    assert client.delete(f"{SESSIONS}/{sid}").status_code == 204
    ended = api(None)
    ended.credentials(HTTP_AUTHORIZATION=f"Bearer {other['access']}")
    assert ended.get("/api/auth/me").status_code == 401
    assert api(None).post("/api/auth/refresh", {"refresh": other["refresh"]}).status_code == 401

    assert is_in(firefox)
    assert client.delete(f"{SESSIONS}/{key_of(firefox)}").status_code == 204
    assert not is_in(firefox)
    assert firefox.get("/api/auth/me").status_code == 401
    assert_problem(client.delete(f"{SESSIONS}/{sid}"), 404)
    assert client.get(SESSIONS).json()["count"] == 1


def test_nobody_ends_what_is_anothers(api, firefox, tokens):
    sid = content_of(tokens("bob")["access"])["sid"]
    for stranger in (api("anna"), api("carol")):
        for key in (key_of(firefox), sid, uuid.uuid4()):
            assert_problem(stranger.delete(f"{SESSIONS}/{key}"), 404)
    assert is_in(firefox)


@pytest.mark.parametrize("keep", [True, False])
def test_all_end_but_the_present_one_where_it_is_wanted(api, tokens, firefox, keep):
    other, client = tokens("bob"), api("bob")
    assert client.post(f"{SESSIONS}/end-all", {"keep_current": keep}).status_code == 204
    assert not is_in(firefox)
    assert api(None).post("/api/auth/refresh", {"refresh": other["refresh"]}).status_code == 401
    assert client.get("/api/auth/me").status_code == (200 if keep else 401)
    assert is_in_as("alice", api)


def is_in_as(actor, api) -> bool:
    return api(actor).get("/api/auth/me").status_code == 200


def test_ending_all_must_say_whether_this_one_goes_on(api):
    assert_problem(api("bob").post(f"{SESSIONS}/end-all", {}), 400, "keep_current")


# -- Sessions --


def test_a_session_whose_row_is_gone_is_none(firefox, grace):
    with enter_church(grace):
        BrowserSession.objects.all().delete()
    assert firefox.get("/admin/").status_code == 302
    with enter_church(grace):
        assert not Session.objects.exists()


def test_a_session_without_a_row_is_none(db, user, grace):
    client = Client(HTTP_HOST="grace.localhost")
    with enter_church(grace):
        client.force_login(user("bob"))
        session = client.session
        del session["browser_session"]
        session.save()
    assert not is_in(client)


def test_the_row_of_somebody_else_makes_nobody_signed_in(firefox, browser_session, grace):
    alice = browser_session("alice")
    with enter_church(grace):
        session = firefox.session
        session["browser_session"] = key_of(alice)
        session.save()
    assert not is_in(firefox)
    assert is_in(alice)


def test_signing_out_takes_the_row_away(firefox, grace):
    firefox.post("/admin/logout/")
    with enter_church(grace):
        assert not BrowserSession.objects.exists()


def test_it_is_noted_now_and_then_that_somebody_is_here(firefox, grace):
    def noted():
        with enter_church(grace):
            return BrowserSession.objects.get().last_used_at

    before = noted()
    assert is_in(firefox)
    assert noted() == before
    with enter_church(grace):
        BrowserSession.objects.update(last_used_at=before - timedelta(minutes=6))
    assert is_in(firefox)
    assert noted() > before


def test_rows_whose_cookie_has_run_out_are_not_shown_and_swept(firefox, api, grace):
    with enter_church(grace):
        BrowserSession.objects.update(last_used_at=timezone.now() - timedelta(days=15))
    assert [row["kind"] for row in api("bob").get(SESSIONS).json()["results"]] == ["api"]
    with enter_church(grace):
        church_swept.send(sender=None, church=grace)
        assert not BrowserSession.objects.exists()


def test_a_password_by_link_ends_everything(firefox, tokens, user, grace):
    from accounts import domain, links

    tokens("bob")
    with enter_church(grace):
        token = links.make_token(user("bob"), links.RESET)
        domain.set_password_by_link(token=token, password=NEW_PASSWORD)
        assert not BrowserSession.objects.exists()
        assert not LoginSession.objects.alive().exists()


def test_a_new_password_keeps_the_browser_in_which_it_was_set(firefox, grace):
    elsewhere = at()
    sign_in(elsewhere)
    sent = {"current": world.PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    firefox.post("/admin/password_change/", sent)
    assert is_in(firefox)
    assert not is_in(elsewhere)
    with enter_church(grace):
        assert str(BrowserSession.objects.get().pk) == key_of(firefox)


# -- The page --


def test_the_page_names_devices_and_marks_this_one(firefox, user, grace):
    with enter_church(grace):
        start_login(user=user("bob"), user_agent="parish-sync/1.0 <b>")
    page = text_of(firefox.get(PLACES))
    assert "Firefox, Windows You are here" in page
    assert "parish-sync/1.0 <b> Program" in page
    assert page.count("Sign out there") == 1


def test_the_page_ends_one_all_others_and_all(firefox, browser_session):
    others = [browser_session("bob") for _browser in range(3)]
    answer = firefox.post(PLACES, {"end": key_of(others[0])}, follow=True)
    assert "You are signed out there." in text_of(answer)
    assert [is_in(other) for other in others] == [False, True, True]
    assert "everywhere else" in text_of(firefox.post(PLACES, {"end": "others"}, follow=True))
    assert not any(is_in(other) for other in others)
    assert is_in(firefox)
    assert firefox.post(PLACES, {"end": "all"})["Location"] == "/admin/login/"
    assert not is_in(firefox)


@pytest.mark.parametrize("wanted", ["", "nonsense", "0190f000-0000-4000-8000-000000000000", "x" * 1000])
def test_what_is_no_place_ends_nothing(firefox, wanted):
    assert firefox.post(PLACES, {"end": wanted}).status_code == 302
    assert is_in(firefox)


def test_superusers_have_the_page_too(db):
    client = Client(HTTP_HOST="localhost")
    with outside_churches():
        client.force_login(User.objects.get(email=world.SUPERUSER))
    assert "You are here" in text_of(client.get(PLACES))
    client.post(PLACES, {"end": "all"})
    assert client.get("/admin/tenants/church/").status_code == 302


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0"
            " Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
            "Edge, Windows",
        ),
        ("python-httpx/0.28", "python-httpx/0.28"),
        ("", "unknown device"),
    ],
)
def test_a_device_is_told_in_words(user_agent, name):
    assert device(user_agent) == name


def test_a_token_that_was_taken_before_is_refused_when_it_has_expired(api, user, grace, tokens):
    client = api("bob")
    with enter_church(grace):
        session = LoginSession.objects.filter(user=user("bob")).latest("created_at")
        token = AccessToken.for_login(session, user("bob"))
        token.set_exp(lifetime=timedelta(seconds=2))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/auth/me").status_code == 200
    time.sleep(2.1)
    assert client.get("/api/auth/me").status_code == 401


def test_a_token_that_was_taken_before_is_refused_with_another_signature(api):
    client = api("bob")
    assert client.get("/api/auth/me").status_code == 200
    head, claims, signature = client._credentials["HTTP_AUTHORIZATION"].split(".")
    forged = signature[:5] + ("A" if signature[5] != "A" else "B") + signature[6:]
    client.credentials(HTTP_AUTHORIZATION=f"{head}.{claims}.{forged}")
    assert client.get("/api/auth/me").status_code == 401
