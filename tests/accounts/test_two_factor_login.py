"""Signing in over the API with password and code."""

from __future__ import annotations

import pytest
from django.core import signing

from accounts import domain
from accounts.two_factor import challenges, codes
from accounts.two_factor.domain import reset
from core.models import HistoryEntry
from tenants.context import enter_church
from tests import world
from tests.accounts.second_factor import early_in_a_step
from tests.problems import assert_problem
from tests.security.actors import HOPE


def refused(answer) -> None:
    """As every refusal of the second step looks, whatever the reason."""
    body = assert_problem(answer, 401)
    assert body["detail"] == "The code or the challenge is not valid."
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.fixture
def bob(second_factor):
    return second_factor("bob")


@pytest.fixture
def challenge(bob, log_in):
    return log_in("bob").json()["challenge"]


def test_the_right_password_gives_a_challenge_and_no_token(bob, log_in, user):
    answer = log_in("bob")
    assert answer.status_code == 200
    assert set(answer.json()) == {"two_factor_required", "challenge"}
    assert answer.json()["two_factor_required"] is True
    assert user("bob").last_login is None


def test_challenge_and_code_give_what_a_login_gives(challenge, bob, answer_challenge, api, user):
    answer = answer_challenge(challenge, bob.code())
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access", "refresh", "user"}
    assert body["user"]["email"] == world.email_of("bob")
    client = api(None)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access']}")
    assert client.get("/api/auth/me").json() == body["user"]
    assert user("bob").last_login is not None


def test_a_wrong_password_is_answered_as_ever(bob, log_in):
    assert_problem(log_in("bob", "wrong"), 401)
    assert log_in("alice").json().keys() == {"access", "refresh", "user"}


def test_a_code_works_once(challenge, bob, answer_challenge, log_in):
    code = bob.code()
    assert answer_challenge(challenge, code).status_code == 200
    refused(answer_challenge(challenge, code))
    refused(answer_challenge(log_in("bob").json()["challenge"], code))


def test_a_challenge_works_once(challenge, bob, answer_challenge):
    assert answer_challenge(challenge, bob.code()).status_code == 200
    refused(answer_challenge(challenge, bob.paper[0]))
    # And nothing of the paper is used up by that.
    assert len(bob.row().recovery_digests) == codes.RECOVERY_CODES


@pytest.mark.parametrize(("drift", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
def test_a_clock_may_differ_by_one_step(bob, log_in, answer_challenge, drift, status):
    early_in_a_step()
    challenge = log_in("bob").json()["challenge"]
    assert answer_challenge(challenge, bob.code(drift)).status_code == status


def test_after_a_code_of_the_next_step_those_before_are_worth_nothing(bob, log_in, answer_challenge):
    early_in_a_step()
    assert answer_challenge(log_in("bob").json()["challenge"], bob.code(1)).status_code == 200
    for drift in (1, 0, -1):
        refused(answer_challenge(log_in("bob").json()["challenge"], bob.code(drift)))


def test_a_recovery_code_works_once_however_it_is_typed(bob, log_in, answer_challenge):
    typed = bob.paper[3].replace("-", " ").upper()
    assert answer_challenge(log_in("bob").json()["challenge"], f" {typed} ").status_code == 200
    refused(answer_challenge(log_in("bob").json()["challenge"], bob.paper[3]))
    assert len(bob.row().recovery_digests) == codes.RECOVERY_CODES - 1
    assert answer_challenge(log_in("bob").json()["challenge"], bob.paper[4]).status_code == 200


@pytest.mark.parametrize(
    "code", ["000000", "٠١٢٣٤٥", "12345", "1234567", "2222-2222-2222", "²²²²²²", "x" * 40, "é"]
)
def test_what_is_no_code_is_refused(challenge, bob, answer_challenge, code):
    if code == bob.code():
        pytest.skip("one in a million")
    refused(answer_challenge(challenge, code))


@pytest.mark.parametrize("challenge", ["x", "a.b.c", "é", "eyJ1c2VyIjoiMSJ9:1x:forged", "x" * 4096], ids=len)
def test_what_is_no_challenge_is_refused(bob, answer_challenge, challenge):
    refused(answer_challenge(challenge, bob.code()))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "code"),
        ({}, "challenge"),
        ({"challenge": "x", "code": 123456}, "code"),
        ({"challenge": "x", "code": ""}, "code"),
        ({"challenge": "x", "code": "1" * 41}, "code"),
        ({"challenge": None, "code": "123456"}, "challenge"),
        ({"challenge": "x" * 4097, "code": "123456"}, "challenge"),
    ],
)
def test_a_second_step_that_cannot_be_read_names_the_field(api, body, field):
    assert_problem(api(None).post("/api/auth/two-factor", body), 400, field)


def test_a_challenge_is_too_old_after_five_minutes(bob, grace, answer_challenge, monkeypatch):
    with enter_church(grace):
        row = bob.row()
        now = signing.time.time()
        monkeypatch.setattr(signing.time, "time", lambda: now - 240)
        young = challenges.challenge_for(row)
        monkeypatch.setattr(signing.time, "time", lambda: now - 301)
        old = challenges.challenge_for(row)
    monkeypatch.undo()
    refused(answer_challenge(old, bob.code()))
    assert answer_challenge(young, bob.code()).status_code == 200


def test_a_challenge_is_worth_nothing_at_the_other_church(
    challenge, bob, grace, hope, user, answer_challenge
):
    """Not even where the very same user with the same second factor is."""
    row, copy = bob.row(), user("bob")
    with enter_church(hope):
        copy.tenant = hope
        type(copy).objects.bulk_create([copy])
        type(row).objects.bulk_create([row])
    refused(answer_challenge(challenge, bob.code(), HOPE))
    assert answer_challenge(challenge, bob.code()).status_code == 200


def test_a_challenge_ends_with_the_password(challenge, bob, user, grace, answer_challenge):
    with enter_church(grace):
        domain.change_password(user=user("bob"), current=world.PASSWORD, password="seven brass lanterns")
    refused(answer_challenge(challenge, bob.code()))


def test_a_challenge_ends_with_access_and_with_the_second_factor(
    challenge, bob, user, grace, log_in, answer_challenge
):
    with enter_church(grace):
        domain.change_user(user=user("bob"), is_active=False)
    refused(answer_challenge(challenge, bob.code()))
    with enter_church(grace):
        domain.change_user(user=user("bob"), is_active=True)
    fresh = log_in("bob").json()["challenge"]
    with enter_church(grace):
        reset(user=user("bob"), by=None)
    refused(answer_challenge(fresh, bob.code()))


def test_a_challenge_is_no_token_of_any_other_kind(challenge, api):
    client = api(None)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {challenge}")
    assert client.get("/api/auth/me").status_code == 401
    assert api(None).post("/api/auth/refresh", {"refresh": challenge}).status_code == 401
    body = {"token": challenge, "password": "seven brass lanterns"}
    assert api(None).post("/api/auth/reset-password", body).status_code == 400


def test_five_codes_are_tried_and_a_success_sets_that_back(bob, log_in, answer_challenge):
    challenge = log_in("bob").json()["challenge"]
    for _try in range(4):
        refused(answer_challenge(challenge, "2222-2222-2222"))
    assert answer_challenge(challenge, bob.paper[0]).status_code == 200
    challenge = log_in("bob").json()["challenge"]
    for _try in range(5):
        refused(answer_challenge(challenge, "2222-2222-2222"))
    locked = answer_challenge(challenge, bob.code())
    assert_problem(locked, 429)
    assert 1 <= int(locked["Retry-After"]) <= 900
    # A new challenge gives no new tries; what is refused uses nothing up.
    assert_problem(answer_challenge(log_in("bob").json()["challenge"], bob.paper[1]), 429)
    assert len(bob.row().recovery_digests) == codes.RECOVERY_CODES - 1


def test_without_a_challenge_nobody_locks_an_account(bob, log_in, answer_challenge):
    for number in range(100):
        refused(answer_challenge(f"nonsense {number}", "123456"))
    assert_problem(answer_challenge("nonsense", "123456"), 429)


def test_neither_secret_nor_codes_lie_readable(bob, grace):
    from django.db import connection

    with enter_church(grace), connection.cursor() as cursor:
        cursor.execute("SELECT secret, recovery_digests::text FROM two_factors")
        [stored] = cursor.fetchall()
        told = str(list(HistoryEntry.objects.filter(about=bob.user_id).values_list("changes", "object_repr")))
    assert "confirmed_at" in told
    for text in (*stored, told):
        assert bob.secret not in text
        assert not [code for code in bob.paper if code in text or code.replace("-", "") in text]


def test_a_login_leaves_no_entry_in_the_history_but_a_code_of_paper_does(
    bob, grace, log_in, answer_challenge
):
    def entries():
        with enter_church(grace):
            return HistoryEntry.objects.filter(about=bob.user_id).count()

    before = entries()
    assert answer_challenge(log_in("bob").json()["challenge"], bob.code()).status_code == 200
    assert entries() == before
    assert answer_challenge(log_in("bob").json()["challenge"], bob.paper[0]).status_code == 200
    assert entries() == before + 1
