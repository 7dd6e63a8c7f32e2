"""Signing in over the API."""

from __future__ import annotations

import jwt
import pytest

from tenants.context import enter_church
from tests import world
from tests.accounts.counting import CountingHasher

# The contract's table, written out.
STAFF_MAY = {
    f"{area}:{action}"
    for area in ("members", "events", "prayer", "visits", "chat", "files")
    for action in ("read", "write")
}
ANNA = {"email": world.email_of("anna"), "password": world.PASSWORD}


@pytest.fixture
def sign_in(api):
    """``sign_in(email, password)``: the answer of Grace."""

    def ask(email, password=world.PASSWORD, **headers):
        return api(None).post("/api/auth/login", {"email": email, "password": password}, **headers)

    return ask


def test_a_login_answers_tokens_and_who_one_is(sign_in, user, grace):
    answer = sign_in(**ANNA)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access", "refresh", "user"}
    assert body["user"] == {
        "id": str(user("anna").id),
        "email": "anna@grace.example",
        "first_name": "Anna",
        "last_name": "",
        "role": "admin",
        "permissions": ["*"],
        "tenant": {"id": str(grace.id), "name": "Grace Church", "subdomain": "grace"},
    }


def test_me_says_the_same_as_the_login(sign_in, api):
    body = sign_in(world.email_of("alice")).json()
    client = api(None)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access']}")
    assert client.get("/api/auth/me").json() == body["user"]


def test_both_tokens_carry_the_claims_of_the_contract(sign_in, user, grace, settings):
    body = sign_in(world.email_of("bob")).json()
    for name, lifetime in (("access", 15 * 60), ("refresh", 14 * 24 * 3600)):
        claims = jwt.decode(body[name], settings.SIMPLE_JWT["SIGNING_KEY"], algorithms=["HS256"])
        assert set(claims) == {
            "userId", "tenantId", "role", "permissions", "iat", "exp", "jti", "sid", "token_type",
        }  # fmt: skip
        assert claims["userId"] == str(user("bob").id)
        assert claims["tenantId"] == str(grace.id)
        assert claims["role"] == "staff"
        assert claims["permissions"] == body["user"]["permissions"]
        assert set(claims["permissions"]) == STAFF_MAY
        assert claims["exp"] - claims["iat"] == lifetime
        assert claims["token_type"] == name


@pytest.mark.parametrize("spelling", ["ANNA@grace.example", "Anna@Grace.Example", "anna@GRACE.EXAMPLE"])
def test_the_case_of_an_address_does_not_matter(sign_in, spelling):
    assert sign_in(spelling).status_code == 200


def test_unknown_wrong_and_switched_off_look_alike(sign_in, user, grace, settings):
    settings.PASSWORD_HASHERS = ["tests.accounts.counting.CountingHasher"]
    with enter_church(grace):
        for actor, change in (("vera", {"is_active": False}), ("bob", {"password": "!"})):
            account = user(actor)
            for field, value in change.items():
                setattr(account, field, value)
            account.save()
    attempts = {
        "unknown": ("nobody@grace.example", world.PASSWORD),
        "at the other church": (world.email_of("hugo"), world.PASSWORD),
        "of the platform": (world.SUPERUSER, world.PASSWORD),
        "wrong password": (world.email_of("anna"), "wrong"),
        "switched off": (world.email_of("vera"), world.PASSWORD),
        "switched off, wrong password": (world.email_of("vera"), "wrong"),
        "invited, without password": (world.email_of("bob"), world.PASSWORD),
    }
    seen = {}
    for name, (email, password) in attempts.items():
        CountingHasher.count = 0
        answer = sign_in(email, password)
        headers = {key: value for key, value in answer.headers.items() if key != "X-Request-ID"}
        # Argon2 is all that takes time here: as many hashes, as long an answer.
        seen[name] = (answer.status_code, answer.content, headers, CountingHasher.count)
    assert seen["unknown"][0] == 401
    assert seen["unknown"][3] == 1
    assert {name: what == seen["unknown"] for name, what in seen.items()} == dict.fromkeys(attempts, True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "anna@grace.example"}, "password"),
        ({"email": "no address", "password": "x"}, "email"),
        ({"email": None, "password": "x"}, "email"),
        ({"email": ["anna@grace.example"], "password": "x"}, "email"),
        ({"email": "anna@grace.example", "password": {"$ne": ""}}, "password"),
        ({"email": "anna@grace.example", "password": 5}, "password"),
        ({"email": "anna@grace.example", "password": ""}, "password"),
        ({"email": "anna@grace.example", "password": "x" * 1025}, "password"),
    ],
)
def test_a_login_that_cannot_be_read_names_the_field(api, body, field):
    answer = api(None).post("/api/auth/login", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_a_bad_token_does_not_hinder_a_login(sign_in):
    assert sign_in(**ANNA, HTTP_AUTHORIZATION="Bearer nonsense").status_code == 200


def test_a_login_is_remembered_as_the_last_one(sign_in, user):
    assert user("anna").last_login is None
    sign_in(**ANNA)
    assert user("anna").last_login is not None
