"""A church that asks its people, by role, for a second factor."""

from __future__ import annotations

import pytest

from tenants.domain import change_settings
from tenants.hosts import forget_hosts
from tenants.models import Church
from tests.accounts.second_factor import code_of
from tests.accounts.sign_in import at, sign_in
from tests.pages import text_of
from tests.problems import assert_problem

SAID = "Your church asks for two-factor sign-in."
SETTINGS = "/api/tenants/current/settings"


@pytest.fixture
def ask_for(grace):
    """``ask_for("staff", "pastor")``: Grace wants a second factor of these roles from now on."""

    def ask(*roles: str) -> None:
        change_settings(church=grace, entries={"two_factor_roles": list(roles)})
        forget_hosts()

    return ask


def test_a_login_says_so_after_the_right_password_alone(ask_for, log_in):
    ask_for("staff")
    assert SAID in assert_problem(log_in("bob"), 403)["detail"]
    assert SAID not in assert_problem(log_in("bob", "wrong"), 401)["detail"]
    assert log_in("alice").status_code == 200


def test_tokens_and_sessions_of_before_are_refused_at_the_next_request(ask_for, tokens, api, browser_session):
    pair, client, browser = tokens("bob"), api("bob"), browser_session("bob")
    renew = {"refresh": pair["refresh"]}
    assert client.get("/api/auth/me").status_code == 200
    ask_for("staff")
    assert SAID in assert_problem(client.get("/api/auth/me"), 403)["detail"]
    assert (
        SAID
        in assert_problem(api(None).post("/api/auth/refresh", {"refresh": pair["refresh"]}), 403)["detail"]
    )
    assert SAID in assert_problem(browser.get("/api/auth/me"), 403)["detail"]
    assert browser.get("/admin/members/member/")["Location"] == "/admin/two-factor/"
    ask_for()
    # Nothing was ended by it: the refresh token is as it was.
    assert api(None).post("/api/auth/refresh", renew).status_code == 200
    assert client.get("/api/auth/me").status_code == 200
    assert browser.get("/admin/members/member/").status_code == 200


def test_another_role_that_must_have_one_counts_at_once(ask_for, browser_session, user, grace):
    from accounts import domain
    from tenants.context import enter_church

    ask_for("admin")
    bob = browser_session("bob")
    assert bob.get("/admin/").status_code == 200
    with enter_church(grace):
        domain.change_user(user=user("bob"), role="admin")
    assert bob.get("/admin/accounts/user/")["Location"] == "/admin/two-factor/"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/members/member/add/",
        "/admin/password_change/",
        "/admin/two-factor/off/",
        "/admin/two-factor/recovery-codes/",
        "/admin/signed-in/",
        "/admin/nothing/at/all/",
    ],
)
def test_every_page_leads_to_the_set_up(ask_for, browser_session, method, path):
    ask_for("staff")
    answer = getattr(browser_session("bob"), method)(path)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/two-factor/")


def test_who_must_sets_it_up_on_the_pages_and_goes_on(ask_for, log_in, answer_challenge):
    from tests import world

    ask_for("staff")
    bob = at()
    sign_in(bob)
    page = bob.get("/admin/", follow=True)
    assert "Your church asks for two-factor sign-in. Set it up to go on." in text_of(page)
    assert (
        bob.post("/admin/two-factor/", {"password": world.PASSWORD})["Location"]
        == "/admin/two-factor/set-up/"
    )
    secret = bob.get("/admin/two-factor/set-up/").context["secret"]
    done = bob.post("/admin/two-factor/set-up/", {"code": code_of(secret)})
    paper = done.context["recovery_codes"]
    assert bob.get("/admin/").status_code == 200
    answer = answer_challenge(log_in("bob").json()["challenge"], paper[0])
    assert answer.status_code == 200


def test_who_must_may_sign_out_instead(ask_for, browser_session):
    ask_for("staff")
    bob = browser_session("bob")
    assert "You are signed out" in text_of(bob.post("/admin/logout/"))


def test_a_second_factor_that_is_only_begun_is_none(ask_for, browser_session, log_in):
    from tests import world

    ask_for("staff")
    bob = browser_session("bob")
    bob.post("/admin/two-factor/", {"password": world.PASSWORD})
    assert bob.get("/admin/")["Location"] == "/admin/two-factor/"
    assert log_in("bob").status_code == 403


def test_who_has_one_notices_nothing(ask_for, second_factor, api):
    second_factor("bob")
    bob = api("bob")
    ask_for("staff")
    assert bob.get("/api/auth/two-factor/status").json()["asked_for"] is True


def test_another_church_asks_for_nothing(ask_for, log_in):
    ask_for("staff", "pastor", "admin", "volunteer")
    assert log_in("dan").status_code == 200


# -- The setting --


def test_the_setting_is_checked_and_stays_when_others_change(api):
    anna = api("anna")
    for value in ("staff", ["owner"], [1], None, {"staff": True}):
        sent = {"settings": {"two_factor_roles": value}}
        assert_problem(anna.put(SETTINGS, sent), 400, "settings.two_factor_roles")
    answer = anna.put(SETTINGS, {"settings": {"two_factor_roles": ["volunteer"], "colour": "red"}})
    assert answer.json()["settings"] == {"two_factor_roles": ["volunteer"], "colour": "red"}
    answer = anna.put(SETTINGS, {"settings": {"colour": "blue"}})
    assert answer.json()["settings"] == {"two_factor_roles": ["volunteer"], "colour": "blue"}
    assert anna.put(SETTINGS, {"settings": {"two_factor_roles": []}}).json()["settings"] == {
        "two_factor_roles": []
    }


def test_the_settings_page_has_a_box_for_each_role(browser_session, grace):
    change_settings(church=grace, settings={"colour": "red"})
    anna = browser_session("anna")
    assert "Who must use two-factor sign-in" in text_of(anna.get("/admin/settings/"))
    sent = {"name": grace.name, "timezone": grace.timezone, "language": "en", "country": "US"}
    sent |= {"prayer_wall": "on", "quiet_hours": "21:00–08:00"}
    anna.post("/admin/settings/", {**sent, "two_factor_roles": ["pastor", "staff"]})
    stored = Church.objects.get(pk=grace.pk).settings
    assert stored == {"colour": "red", "two_factor_roles": ["pastor", "staff"]}
    anna.post("/admin/settings/", sent)
    assert Church.objects.get(pk=grace.pk).settings["two_factor_roles"] == []
