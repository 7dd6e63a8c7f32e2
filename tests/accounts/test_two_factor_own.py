"""One's own second factor over the API: set up, renewed, switched off; and taken from somebody else."""

from __future__ import annotations

import pytest

from accounts.models import LoginSession, TwoFactor
from accounts.two_factor import codes
from core.models import HistoryEntry
from tenants.context import enter_church
from tests import world
from tests.accounts.second_factor import code_of
from tests.problems import assert_problem

OWN = "/api/auth/two-factor"
PASSWORD = {"password": world.PASSWORD}


@pytest.fixture
def bob(api):
    return api("bob")


@pytest.fixture
def status(api):
    return lambda client: client.get(f"{OWN}/status").json()


def begin(client) -> str:
    answer = client.post(f"{OWN}/set-up", PASSWORD)
    assert answer.status_code == 200, answer.json()
    return answer.json()["secret"]


def confirm(client, secret):
    return client.post(f"{OWN}/confirm", {"code": code_of(secret)})


def test_it_is_set_up_by_password_and_a_first_code(bob, status, log_in):
    answer = bob.post(f"{OWN}/set-up", PASSWORD).json()
    assert answer["uri"] == (
        f"otpauth://totp/Grace%20Church:bob%40grace.example?secret={answer['secret']}&issuer=Grace%20Church"
    )
    assert len(answer["secret"]) == 32
    # Begun is not on.
    assert "access" in log_in("bob").json()
    assert status(bob)["enabled"] is False
    confirmed = confirm(bob, answer["secret"])
    paper = confirmed.json()["recovery_codes"]
    assert (confirmed.status_code, len(set(paper))) == (200, codes.RECOVERY_CODES)
    now = status(bob)
    assert (now["enabled"], now["recovery_codes_left"], now["asked_for"]) == (True, 10, False)
    assert now["since"]
    assert log_in("bob").json()["two_factor_required"] is True


def test_the_code_that_set_it_up_does_not_sign_in(bob, log_in, answer_challenge):
    secret = begin(bob)
    code = code_of(secret)
    assert bob.post(f"{OWN}/confirm", {"code": code}).status_code == 200
    assert answer_challenge(log_in("bob").json()["challenge"], code).status_code == 401


def test_switching_it_on_ends_every_other_login(bob, tokens, api, browser_session):
    other, browser = tokens("bob"), browser_session("bob")
    assert confirm(bob, begin(bob)).status_code == 200
    assert bob.get("/api/auth/me").status_code == 200
    assert api(None).post("/api/auth/refresh", {"refresh": other["refresh"]}).status_code == 401
    assert browser.get("/admin/").status_code == 302


def test_a_set_up_wants_the_password_and_cannot_try_it_at_will(bob):
    for _try in range(5):
        assert_problem(bob.post(f"{OWN}/set-up", {"password": "wrong"}), 400, "password")
    assert_problem(bob.post(f"{OWN}/set-up", PASSWORD), 429)


def test_a_wrong_first_code_switches_nothing_on_and_cannot_be_tried_at_will(bob, status):
    secret = begin(bob)
    for _try in range(5):
        assert_problem(bob.post(f"{OWN}/confirm", {"code": "not one"}), 400, "code")
    assert_problem(confirm(bob, secret), 429)
    assert status(bob)["enabled"] is False


def test_beginning_anew_makes_the_first_secret_worthless(bob):
    first, second = begin(bob), begin(bob)
    assert first != second
    assert_problem(confirm(bob, first), 400, "code")
    assert confirm(bob, second).status_code == 200
    assert_problem(bob.post(f"{OWN}/set-up", PASSWORD), 400, "password")


def test_a_set_up_that_was_left_has_to_be_begun_anew(bob, grace):
    from datetime import timedelta

    secret = begin(bob)
    with enter_church(grace):
        row = TwoFactor.objects.get()
        TwoFactor.objects.update(begun_at=row.begun_at - timedelta(minutes=31))
    assert_problem(confirm(bob, secret), 400, "code")


def test_new_recovery_codes_take_the_place_of_the_old(
    bob, second_factor, log_in, answer_challenge, api, user
):
    factor = second_factor("bob")
    bob = api("bob")
    answer = bob.post(f"{OWN}/recovery-codes", {**PASSWORD, "code": factor.paper[0]})
    fresh = answer.json()["recovery_codes"]
    assert len(fresh) == codes.RECOVERY_CODES
    assert not set(fresh) & set(factor.paper)
    assert answer_challenge(log_in("bob").json()["challenge"], factor.paper[1]).status_code == 401
    assert answer_challenge(log_in("bob").json()["challenge"], fresh[1]).status_code == 200


@pytest.mark.parametrize("verb", ["recovery-codes", "switch-off"])
def test_neither_password_nor_code_alone_is_enough(second_factor, api, verb):
    factor, bob = second_factor("bob"), api("bob")
    assert_problem(bob.post(f"{OWN}/{verb}", {"password": "wrong", "code": factor.code()}), 400, "password")
    assert_problem(bob.post(f"{OWN}/{verb}", {**PASSWORD, "code": "2222-2222-2222"}), 400, "code")
    assert_problem(bob.post(f"{OWN}/{verb}", PASSWORD), 400, "code")
    # The code beside the wrong password was not used up.
    assert bob.post(f"{OWN}/{verb}", {**PASSWORD, "code": factor.code()}).status_code in {200, 204}


def test_switched_off_the_password_is_enough(second_factor, api, log_in, status):
    factor, bob = second_factor("bob"), api("bob")
    assert bob.post(f"{OWN}/switch-off", {**PASSWORD, "code": factor.code()}).status_code == 204
    assert status(bob) == {
        "enabled": False, "since": None, "recovery_codes_left": 0, "asked_for": False,
    }  # fmt: skip
    assert "access" in log_in("bob").json()


# -- Taken away by an administrator --


def reset_address(user) -> str:
    return f"/api/tenants/current/users/{user.pk}/two-factor"


def test_an_administrator_takes_it_from_somebody_who_lost_it(second_factor, tokens, api, user, log_in, grace):
    second_factor("bob")
    tokens("bob")
    anna = api("anna")
    assert anna.get(f"/api/tenants/current/users/{user('bob').pk}").json()["two_factor"] is True
    assert anna.delete(reset_address(user("bob"))).status_code == 204
    assert "access" in log_in("bob").json()
    assert anna.get(f"/api/tenants/current/users/{user('bob').pk}").json()["two_factor"] is False
    with enter_church(grace):
        entry = HistoryEntry.objects.filter(about=user("bob").pk, kind="accounts.twofactor").latest()
        assert (entry.action, entry.actor_id, entry.origin) == (2, user("anna").pk, "api")
        # All logins of before are over; the one just now is the only one.
        assert LoginSession.objects.alive().filter(user=user("bob")).count() == 1


def test_nobody_takes_their_own_that_way(second_factor, api, user, log_in):
    second_factor("anna")
    assert_problem(api("anna").delete(reset_address(user("anna"))), 400, "two_factor")
    assert log_in("anna").json()["two_factor_required"] is True


def test_only_administrators_do(second_factor, api, user):
    second_factor("bob")
    for actor, status in (("alice", 403), ("vera", 403), ("hugo", 404)):
        assert_problem(api(actor).delete(reset_address(user("bob"))), status)
    assert_problem(api(None).delete(reset_address(user("bob"))), 401)


def test_a_deleted_user_takes_their_second_factor_along(second_factor, api, user, grace):
    second_factor("bob")
    assert api("anna").delete(f"/api/tenants/current/users/{user('bob').pk}").status_code == 204
    with enter_church(grace):
        assert not TwoFactor.objects.exists()


def test_whoever_did_not_change_it_learns_of_it_by_mail(
    second_factor, bob, api, user, work_queue, mailoutbox
):
    confirm(bob, begin(bob))
    factor = second_factor("alice")
    proof = {"password": world.PASSWORD, "code": factor.code()}
    assert api("alice").post(f"{OWN}/switch-off", proof).status_code == 204
    work_queue()
    told = {mail.to[0]: mail.body for mail in mailoutbox}
    assert told.keys() == {"bob@grace.example", "alice@grace.example"}
    assert "was switched on" in told["bob@grace.example"]
    assert "was switched off" in told["alice@grace.example"]
    assert all("change your password at once" in text for text in told.values())
