"""Limits of the API: for guessing, for strangers and for who is signed in."""

from __future__ import annotations

import pytest
from django.conf import settings as configuration
from django.core.cache import caches

from core.api import views
from core.rate_limits import Limit
from tenants.domain import add_domain
from tests import world

WRONG = {"email": world.email_of("anna"), "password": "wrong"}
RIGHT = {"email": world.email_of("anna"), "password": world.PASSWORD}


@pytest.fixture
def quick_hashes(settings):
    """Guessing at unknown accounts without Argon2's time; what exists keeps its real hash."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.Argon2PasswordHasher",
    ]


@pytest.fixture
def guess(api):
    """``guess(body, address)``: the status of a login from that address."""

    def post(body, address="192.0.2.1", host=None):
        return api(None, host=host).post("/api/auth/login", body, REMOTE_ADDR=address).status_code

    return post


def test_five_wrong_passwords_for_an_account_from_one_address(guess):
    assert [guess(WRONG) for _ in range(6)] == [401] * 5 + [429]
    assert guess(RIGHT) == 429
    assert guess(RIGHT, "192.0.2.2") == 200


def test_no_host_name_and_no_header_gets_round_the_limit(api, guess, grace):
    add_domain(church=grace, host="www.grace-church.example")
    for number, host in enumerate(
        [
            "grace.localhost",
            "GRACE.localhost",
            "grace.localhost.",
            "grace.localhost:81",
            "www.grace-church.example",
        ]
    ):
        answer = api(None, host=host).post(
            "/api/auth/login", WRONG, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}"
        )
        assert answer.status_code == 401
    for host in ("grace.localhost", "www.grace-church.example"):
        assert guess(WRONG, host=host) == 429


def test_the_same_address_at_two_churches_is_two_accounts(guess):
    for _ in range(6):
        guess(WRONG)
    assert guess({**WRONG, "email": world.email_of("hugo")}, host="hope.localhost") == 401


def test_twenty_wrong_passwords_for_an_account_from_many_addresses(guess, quick_hashes):
    body = {"email": "nobody@grace.example", "password": "wrong"}
    assert [guess(body, f"192.0.2.{number}") for number in range(21)] == [401] * 20 + [429]


def test_a_hundred_wrong_passwords_from_one_address(guess, quick_hashes):
    bodies = [{"email": f"nobody{number}@grace.example", "password": "wrong"} for number in range(101)]
    assert [guess(body) for body in bodies] == [401] * 100 + [429]
    assert guess(bodies[0], "192.0.2.2") == 401


def test_an_ipv6_network_is_one_address(guess):
    statuses = [guess(WRONG, f"2001:db8:0:1::{number:x}") for number in range(1, 7)]
    assert statuses == [401] * 5 + [429]
    assert guess(WRONG, "2001:db8:0:2::1") == 401


def test_a_success_sets_the_account_back(guess):
    for _ in range(3):
        assert [guess(WRONG) for _ in range(4)] == [401] * 4
        assert guess(RIGHT) == 200
    assert [guess(WRONG) for _ in range(6)] == [401] * 5 + [429]


def test_the_admins_sign_in_shares_the_limit(guess, client):
    for _ in range(5):
        guess(WRONG)
    form = {"username": RIGHT["email"], "password": RIGHT["password"]}
    answer = client.post("/admin/login/", form, HTTP_HOST="grace.localhost", REMOTE_ADDR="192.0.2.1")
    assert answer.status_code == 200
    assert "Too many attempts" in answer.content.decode()
    assert configuration.SESSION_COOKIE_NAME not in answer.cookies


def test_strangers_have_a_hundred_requests(api):
    client = api(None)
    # Bad tokens, wrong refresh tokens and simple lack of credentials count alike.
    for number in range(100):
        match number % 4:
            case 0:
                answer = client.get("/api/members")
            case 1:
                answer = client.get("/api/members", HTTP_AUTHORIZATION=f"Bearer guess{number}")
            case 2:
                answer = client.post("/api/auth/refresh", {"refresh": f"guess{number}"})
            case 3:
                answer = client.post("/api/auth/reset-password", {"token": "x", "password": "long enough 1"})
        assert answer.status_code in {400, 401}
    for answer in (
        client.get("/api/members"),
        client.get("/api/members", HTTP_AUTHORIZATION="Bearer guess"),
        client.post("/api/auth/refresh", {"refresh": "guess"}),
        api(None, host="hope.localhost").get("/api/members"),
    ):
        assert answer.status_code == 429
        assert answer["Content-Type"] == "application/problem+json"
        assert 1 <= int(answer["Retry-After"]) <= 900
    assert client.get("/api/members", REMOTE_ADDR="192.0.2.99").status_code == 401


def test_who_is_signed_in_is_not_counted_with_the_strangers_of_the_same_address(api):
    stranger, bob = api(None), api("bob")
    for _ in range(101):
        stranger.get("/api/members")
    assert stranger.get("/api/members").status_code == 429
    assert bob.get("/api/members").status_code == 200


def test_who_is_signed_in_has_three_thousand_requests(api, monkeypatch):
    assert Limit("user", 3_000, 900) == views.USER_LIMIT
    monkeypatch.setattr(views, "USER_LIMIT", Limit("user", 10, 900))
    bob, vera = api("bob"), api("vera")
    statuses = [bob.get("/api/auth/me", REMOTE_ADDR=f"192.0.2.{number}").status_code for number in range(11)]
    assert statuses == [200] * 10 + [429]
    assert vera.get("/api/auth/me").status_code == 200


def test_the_scale_of_the_environment_multiplies(guess, settings):
    settings.RATE_LIMIT_SCALE = 2
    assert [guess(WRONG) for _ in range(11)] == [401] * 10 + [429]


def test_a_limit_is_told_as_a_page_to_who_asked_for_a_page(api):
    client = api(None)
    for _ in range(100):
        client.get("/api/members")
    answer = client.get("/api/members", HTTP_ACCEPT="text/html")
    assert answer.status_code == 429
    assert answer["Content-Type"].startswith("text/html")


def test_counters_know_no_church(db):
    """Counters shared by churches and processes: keyed by church they would be one bucket a host."""
    assert configuration.RATELIMIT_USE_CACHE == "counters"
    assert caches["counters"].key_func.__module__ == "django.core.cache.backends.base"
