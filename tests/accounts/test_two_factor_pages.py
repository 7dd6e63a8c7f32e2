"""The second factor on the pages of both sites, and what does not get round it."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import TwoFactor, User
from tenants.context import enter_church, outside_churches
from tests import world
from tests.accounts.second_factor import code_of, set_up
from tests.accounts.sign_in import at, sign_in
from tests.pages import text_of

CODE = "/admin/login/code/"
OWN = "/admin/two-factor/"


@pytest.fixture
def bob(second_factor):
    return second_factor("bob")


def test_after_the_password_a_second_page_asks_for_the_code(bob):
    client = at()
    answer = sign_in(client, next_page="/admin/members/member/")
    assert (answer.status_code, answer["Location"]) == (302, CODE)
    assert "no-store" in answer["Cache-Control"]
    assert "type the code that it shows" in text_of(client.get(CODE))
    answer = client.post(CODE, {"code": bob.code()})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/members/member/")
    assert client.get("/admin/").status_code == 200


def test_a_cookie_from_between_the_steps_opens_nothing(bob):
    client = at()
    sign_in(client)
    for path in ("/admin/", "/admin/two-factor/", "/admin/password_change/", "/admin/signed-in/"):
        for answer in (client.get(path), client.post(path)):
            assert answer["Location"].startswith("/admin/login/?next="), path
    assert client.get("/api/auth/me").status_code == 401
    assert client.get("/api/members").status_code == 401
    # Its key is another one than that of the session that follows.
    before = client.cookies["session"].value
    client.post(CODE, {"code": bob.code()})
    assert client.cookies["session"].value != before
    stolen = at()
    stolen.cookies["session"] = before
    assert stolen.get("/admin/").status_code == 302


def test_a_wrong_code_is_said_and_not_tried_at_will(bob):
    client = at()
    sign_in(client)
    for _try in range(5):
        answer = client.post(CODE, {"code": "2222-2222-2222"})
        assert answer.status_code == 400
        assert "This code is not valid." in text_of(answer)
    assert re.search(
        r"Too many attempts\. Try again in \d+ minutes\.", text_of(client.post(CODE, {"code": "1"}))
    )
    assert client.get("/admin/").status_code == 302


def test_the_code_page_without_a_first_step_leads_to_the_sign_in(db):
    for client in (at(), Client(HTTP_HOST="localhost")):
        assert client.get(CODE)["Location"] == "/admin/login/"
        assert client.post(CODE, {"code": "123456"})["Location"] == "/admin/login/"


def test_the_second_step_leads_to_no_other_site(bob):
    client = at()
    sign_in(client, next_page="https://evil.example/")
    assert client.post(CODE, {"code": bob.code()})["Location"] == "/admin/"


def test_the_first_step_of_one_church_is_none_at_another(bob):
    client, stranger = at(), at("hope")
    sign_in(client)
    stranger.cookies = client.cookies
    assert stranger.get(CODE)["Location"] == "/admin/login/"


def test_a_recovery_code_signs_in_and_the_page_says_how_many_are_left(bob):
    client = at()
    sign_in(client)
    client.post(CODE, {"code": bob.paper[0]})
    assert "You have 9 recovery codes left" in text_of(client.get(OWN))


def test_it_is_set_up_on_the_page_with_a_picture_and_a_typed_secret(browser_session, log_in, grace):
    bob, elsewhere = browser_session("bob"), browser_session("bob")
    assert "You need an app for such codes" in text_of(bob.get(OWN))
    assert "This is not your present password." in text_of(bob.post(OWN, {"password": "wrong"}))
    assert bob.post(OWN, {"password": world.PASSWORD})["Location"] == f"{OWN}set-up/"
    page = bob.get(f"{OWN}set-up/")
    assert "<svg" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    secret = page.context["secret"]
    assert secret in text_of(page)
    wrong = bob.post(f"{OWN}set-up/", {"code": "000"})
    assert (wrong.status_code, "This code is not valid." in text_of(wrong)) == (400, True)
    done = bob.post(f"{OWN}set-up/", {"code": code_of(secret)})
    assert "they are not shown again" in text_of(done)
    assert len(re.findall(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}", text_of(done))) == 10
    assert elsewhere.get("/admin/").status_code == 302
    assert bob.get(f"{OWN}set-up/")["Location"] == OWN
    assert secret.replace(" ", "") not in bob.get(OWN).content.decode()
    assert log_in("bob").json()["two_factor_required"] is True


def test_codes_are_renewed_and_it_is_switched_off_by_password_and_code(bob, browser_session, log_in):
    client = browser_session("bob")
    assert "On Since" in text_of(client.get(OWN))
    refused = client.post(f"{OWN}off/", {"password": "wrong", "code": bob.code()})
    assert "This is not your present password." in text_of(refused)
    fresh = client.post(f"{OWN}recovery-codes/", {"password": world.PASSWORD, "code": bob.code()})
    assert "The old ones do not work any more." in text_of(fresh)
    code = fresh.context["recovery_codes"][0]
    answer = client.post(f"{OWN}off/", {"password": world.PASSWORD, "code": code}, follow=True)
    assert "Two-factor sign-in is off." in text_of(answer)
    assert "access" in log_in("bob").json()


def test_an_administrator_takes_it_away_by_a_button(bob, browser_session, user, grace):
    anna, page = browser_session("anna"), f"/admin/accounts/user/{user('bob').pk}/"
    assert "Take away the second factor" in text_of(anna.get(f"{page}change/"))
    for actor in ("alice", "vera"):
        assert browser_session(actor).post(f"{page}reset-two-factor/").status_code == 403
    assert browser_session("hugo").post(f"{page}reset-two-factor/").status_code == 404
    answer = anna.post(f"{page}reset-two-factor/", follow=True)
    assert "signs in by password alone until they set it up anew" in text_of(answer)
    assert "Take away the second factor" not in text_of(answer)
    with enter_church(grace):
        assert not TwoFactor.objects.exists()


def test_an_administrator_does_not_get_round_their_own(second_factor, browser_session, user, log_in):
    second_factor("anna")
    anna, page = browser_session("anna"), f"/admin/accounts/user/{user('anna').pk}/"
    assert "Take away" not in text_of(anna.get(f"{page}change/"))
    answer = anna.post(f"{page}reset-two-factor/", follow=True)
    assert "Your own you switch off by password and code" in text_of(answer)
    assert log_in("anna").json()["two_factor_required"] is True


def test_a_new_password_by_mail_does_not_get_round_it(bob, user, grace):
    from accounts import links

    with enter_church(grace):
        token = links.make_token(user("bob"), links.RESET)
    client = at()
    password = "seven brass lanterns"
    client.post(f"/set-password/{token}/", {"password": password, "again": password})
    assert sign_in(client, password=password)["Location"] == CODE


# -- The platform --


def test_superusers_have_it_too(db):
    with outside_churches():
        root = User.objects.get(email=world.SUPERUSER)
    factor = set_up(root)
    client = Client(HTTP_HOST="localhost")
    assert sign_in(client, world.SUPERUSER)["Location"] == CODE
    assert client.get("/admin/tenants/church/").status_code == 302
    assert client.post(CODE, {"code": factor.code()}).status_code == 302
    assert client.get("/admin/tenants/church/").status_code == 200
    assert "You have 10 recovery codes left" in text_of(client.get(OWN))


def test_an_operator_takes_it_away_from_the_command_line(bob, log_in, capsys, user, grace):
    from core.models import HistoryEntry

    with outside_churches():
        set_up(User.objects.get(email=world.SUPERUSER))
    call_command("reset_two_factor", "BOB@grace.example", "--church", "grace")
    call_command("reset_two_factor", world.SUPERUSER)
    call_command("reset_two_factor", world.SUPERUSER)
    assert capsys.readouterr().out.splitlines() == [
        "bob@grace.example signs in by password alone now.",
        "root@platform.example signs in by password alone now.",
        "root@platform.example had no second factor.",
    ]
    assert "access" in log_in("bob").json()
    with enter_church(grace):
        assert HistoryEntry.objects.filter(about=user("bob").pk).latest().origin == "command"
    for arguments in (
        ["bob@grace.example"],
        ["bob@grace.example", "--church", "hope"],
        ["x", "--church", "no"],
    ):
        with pytest.raises(CommandError):
            call_command("reset_two_factor", *arguments)
