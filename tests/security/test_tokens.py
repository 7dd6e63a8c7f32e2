"""Tokens and cookies: good at one church, for one person, as long as nothing has changed."""

from __future__ import annotations

import time
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.domain import change_user, delete_user
from accounts.models import BrowserSession, LoginSession, User
from accounts.tokens import start_login
from tenants.context import enter_church
from tenants.domain import add_domain, resume_church, suspend_church
from tenants.models import Church
from tests import world
from tests.parallel import at_once
from tests.security.actors import GRACE, HOPE, content_of, session_cookie, signed


def me(access: str, host: str = GRACE) -> int:
    client = APIClient(HTTP_HOST=host)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client.get("/api/auth/me").status_code


def renew(refresh: str, host: str = GRACE):
    return APIClient(HTTP_HOST=host).post("/api/auth/refresh", {"refresh": refresh})


def log_out(refresh: str, host: str = GRACE):
    return APIClient(HTTP_HOST=host).post("/api/auth/logout", {"refresh": refresh})


COPIES = ["nothing is copied", "rows are copied", "rows are copied and made that church's own"]


def copy_rows(how: str, church: Church, *rows) -> None:
    """The very same rows, ids and all, in another church."""
    if how == COPIES[0]:
        return
    with enter_church(church):
        for row in rows:
            if how == COPIES[2] and isinstance(row, User):
                row.tenant = church
            type(row).objects.bulk_create([row])


# -- At another church --


@pytest.mark.parametrize("how", COPIES)
def test_no_token_of_one_church_is_worth_anything_at_another(tokens, user, grace, hope, how):
    pair = tokens("anna")
    with enter_church(grace):
        login = LoginSession.objects.get(pk=content_of(pair["access"])["sid"])
    copy_rows(how, hope, user("anna"), login)
    assert me(pair["access"], HOPE) == 401
    assert me(pair["refresh"], HOPE) == 401
    assert renew(pair["refresh"], HOPE).status_code == 401
    assert renew(pair["access"], HOPE).status_code == 401
    assert log_out(pair["refresh"], HOPE).status_code == 401
    # And none of these attempts has hurt it at home.
    assert me(pair["access"]) == 200
    assert renew(pair["refresh"]).status_code == 200


@pytest.mark.parametrize("how", COPIES)
def test_no_cookie_of_one_church_is_worth_anything_at_another(user, grace, hope, how):
    value = session_cookie(user("anna"), grace)
    with enter_church(grace):
        rows = [Session.objects.get(pk=value), BrowserSession.objects.get(user=user("anna"))]
    copy_rows(how, hope, user("anna"), *rows)
    at_home, elsewhere = Client(HTTP_HOST=GRACE), Client(HTTP_HOST=HOPE)
    for client in (at_home, elsewhere):
        client.cookies[settings.SESSION_COOKIE_NAME] = value
    assert at_home.get("/api/auth/me").status_code == 200
    assert at_home.get("/admin/").status_code == 200
    assert elsewhere.get("/api/auth/me").status_code == 401
    answer = elsewhere.get("/admin/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/")


def test_a_token_is_worth_nothing_on_the_platforms_host(tokens):
    assert me(tokens("anna")["access"], "localhost") == 404


def test_a_token_is_good_on_every_host_of_its_church(tokens, grace):
    add_domain(church=grace, host="www.grace-church.example")
    assert me(tokens("anna")["access"], "www.grace-church.example") == 200
    assert me(tokens("anna")["access"], "GRACE.localhost.") == 200


# -- After something has changed --


def test_who_was_switched_off_is_stopped_at_the_next_request(tokens, user, grace):
    pair, cookie = tokens("bob"), session_cookie(user("bob"), grace)
    with enter_church(grace):
        change_user(user=user("bob"), is_active=False)
    assert_stopped(pair, cookie)
    with enter_church(grace):
        change_user(user=user("bob"), is_active=True)
    # The logins of before do not come back.
    assert me(pair["access"]) == 401
    assert renew(pair["refresh"]).status_code == 401


def test_who_was_deleted_is_stopped_at_the_next_request(tokens, user, grace):
    pair, cookie = tokens("bob"), session_cookie(user("bob"), grace)
    with enter_church(grace):
        delete_user(user=user("bob"))
    assert_stopped(pair, cookie)


def test_a_new_password_ends_all_that_was_signed_in_with_the_old_one(api, tokens, user, grace):
    from accounts import links

    pair, cookie = tokens("bob"), session_cookie(user("bob"), grace)
    with enter_church(grace):
        token = links.make_token(user("bob"), links.RESET)
    body = {"token": token, "password": "an entirely new one"}
    assert api(None).post("/api/auth/reset-password", body).status_code == 204
    assert_stopped(pair, cookie)


def test_another_role_ends_the_access_token_and_shows_in_the_next(tokens, user, grace):
    pair = tokens("bob")
    with enter_church(grace):
        change_user(user=user("bob"), role="volunteer")
    assert me(pair["access"]) == 401
    renewed = renew(pair["refresh"])
    assert renewed.status_code == 200
    claims = content_of(renewed.json()["access"])
    assert claims["role"] == "volunteer"
    assert claims["permissions"] == ["events:read", "members:read", "prayer:read"]


def test_another_role_shows_in_a_session_at_the_next_request(user, grace):
    client = Client(HTTP_HOST=GRACE)
    client.cookies[settings.SESSION_COOKIE_NAME] = session_cookie(user("anna"), grace)
    with enter_church(grace):
        User.objects.filter(pk=user("anna").pk).update(role="volunteer")
    assert client.get("/api/tenants/current/users").status_code == 403


def test_who_logged_out_is_out(tokens):
    pair, other = tokens("bob"), tokens("bob")
    answer = log_out(pair["refresh"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert me(pair["access"]) == 401
    assert renew(pair["refresh"]).status_code == 401
    assert log_out(pair["refresh"]).status_code == 401
    # The same person's other computer stays signed in.
    assert me(other["access"]) == 200


def test_a_suspended_church_refuses_its_tokens_until_it_is_resumed(
    tokens, grace, django_capture_on_commit_callbacks
):
    pair = tokens("bob")
    with django_capture_on_commit_callbacks(execute=True):
        suspend_church(church=grace)
    assert me(pair["access"]) == 403
    assert renew(pair["refresh"]).status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        resume_church(church=grace)
    assert me(pair["access"]) == 200


def assert_stopped(pair: dict[str, str], cookie: str) -> None:
    browser = Client(HTTP_HOST=GRACE)
    browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert me(pair["access"]) == 401
    assert renew(pair["refresh"]).status_code == 401
    assert browser.get("/api/auth/me").status_code == 401
    assert browser.get("/admin/").status_code == 302


# -- Refreshing --


def test_a_refresh_token_is_good_once(tokens):
    first = tokens("bob")
    second = renew(first["refresh"]).json()
    assert set(second) == {"access", "refresh"}
    assert me(second["access"]) == 200
    assert renew(second["refresh"]).status_code == 200


def test_using_an_old_refresh_token_ends_the_whole_family(tokens):
    first = tokens("bob")
    second = renew(first["refresh"]).json()
    answer = renew(first["refresh"])
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The token is not valid here."
    assert me(first["access"]) == 401
    assert me(second["access"]) == 401
    assert renew(second["refresh"]).status_code == 401


@pytest.mark.parametrize(
    "token", ["", "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "é" * 50, "x" * 5000], ids=len
)
def test_what_is_no_refresh_token_is_refused(db, token):
    assert renew(token).status_code in {400, 401}
    assert log_out(token).status_code in {400, 401}


# The right key is short for the wrong algorithm, of which the library warns.
@pytest.mark.filterwarnings("ignore:The HMAC key")
def test_expired_and_unsigned_refresh_tokens_are_refused(tokens):
    claims = content_of(tokens("bob")["refresh"])
    assert renew(signed({**claims, "exp": int(time.time()) - 1})).status_code == 401
    assert renew(jwt.encode(claims, "", algorithm="none")).status_code == 401
    assert renew(signed(claims, key="k" * 64)).status_code == 401
    assert renew(signed(claims, algorithm="HS512")).status_code == 401
    assert renew(signed({**claims, "sid": "'; DROP TABLE"})).status_code == 401
    assert renew(signed(claims)).status_code == 200


def test_a_login_that_nobody_renewed_in_time_is_over(tokens, grace):
    pair = tokens("bob")
    with enter_church(grace):
        LoginSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert me(pair["access"]) == 401
    assert renew(pair["refresh"]).status_code == 401


@pytest.mark.parametrize("round_", range(3))
def test_of_refreshes_at_once_one_wins(own_database, round_):
    with enter_church(Church.objects.get(subdomain="grace")):
        pair = start_login(user=User.objects.get(email=world.email_of("bob")))
    answers = at_once(*[lambda: renew(pair["refresh"])] * 6)
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]
    # Whoever won holds a token of a family that the others' reuse has ended.
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert me(winner["access"]) == 401


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer é",
        "bearer x",
        "Basic YTpi",
        "Token x",
        "Bearer " + "x" * 9000,
    ],
    ids=len,
)
def test_headers_that_are_no_token_are_refused(db, header):
    answer = APIClient(HTTP_HOST=GRACE).get("/api/auth/me", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
