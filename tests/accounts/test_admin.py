"""Users and settings on the pages of a church."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from accounts.models import User
from accounts.permissions import Role
from tenants.context import enter_church
from tenants.models import Church
from tests import world
from tests.accounts.sign_in import NEW_PASSWORD, at, sign_in
from tests.pages import choose, text_of

USERS = "/admin/accounts/user/"
SETTINGS = "/admin/settings/"


def page_of(user):
    return f"{USERS}{user.pk}/change/"


def fields_of(user, **changes):
    values = {
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "role": user.role,
    }
    if user.is_active:
        values["is_active"] = "on"
    return {key: value for key, value in (values | changes).items() if value is not None}


# -- Users --


def test_an_administrator_invites_somebody(browser_session, work_queue, mailoutbox, grace):
    anna = browser_session("anna")
    answer = anna.post(
        f"{USERS}add/",
        {
            "email": "New@Grace.example",
            "first_name": "Nell",
            "last_name": "Gray",
            "role": "staff",
            "_save": "Save",
        },
        follow=True,
    )
    assert "An invitation is on its way to new@grace.example." in text_of(answer)
    assert "Nell Gray" in text_of(answer)
    work_queue()
    [mail] = mailoutbox
    assert mail.to == ["new@grace.example"]
    [address] = re.findall(r"http://grace\.localhost:\d+(/set-password/\S+/)", mail.body)
    at().post(address, {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert sign_in(at(), "new@grace.example", NEW_PASSWORD).status_code == 302


def test_an_invitation_is_sent_again_by_a_button(browser_session, user, work_queue, mailoutbox):
    anna, bob = browser_session("anna"), user("bob")
    assert "Send the invitation again" in text_of(anna.get(page_of(bob)))
    assert anna.get(f"{USERS}{bob.pk}/invite/").status_code == 405
    anna.post(f"{USERS}{bob.pk}/invite/")
    work_queue()
    assert [mail.to for mail in mailoutbox] == [["bob@grace.example"]]
    sign_in(at())
    assert "Send the invitation again" not in text_of(anna.get(page_of(bob)))
    assert browser_session("alice").post(f"{USERS}{bob.pk}/invite/").status_code == 403


def test_an_address_is_taken_once_whatever_its_case(browser_session, grace):
    answer = browser_session("anna").post(f"{USERS}add/", {"email": "BOB@grace.example", "role": "staff"})
    assert "Somebody with this email address exists already." in text_of(answer)
    with enter_church(grace):
        assert User.objects.count() == 4


def test_a_role_is_changed_and_counts_at_once(browser_session, user):
    anna, bob = browser_session("anna"), browser_session("bob")
    assert bob.get(USERS).status_code == 403
    assert anna.post(page_of(user("bob")), fields_of(user("bob"), role=Role.ADMIN)).status_code == 302
    assert bob.get(USERS).status_code == 200


def test_somebody_is_switched_off(browser_session, user):
    anna = browser_session("anna")
    anna.post(page_of(user("bob")), fields_of(user("bob"), is_active=None))
    assert not user("bob").is_active
    assert "Switched off" in text_of(anna.get(USERS, {"access": "off"}))
    assert "Email or password is wrong." in text_of(sign_in(at()))


@pytest.mark.parametrize("changes", [{"role": "pastor"}, {"is_active": None}])
def test_the_last_administrator_stays_one(browser_session, user, changes):
    anna = browser_session("anna")
    answer = anna.post(page_of(user("anna")), fields_of(user("anna"), **changes))
    assert answer.status_code == 200
    assert "This is the only administrator who may sign in." in text_of(answer)
    assert (user("anna").role, user("anna").is_active) == (Role.ADMIN, True)


def test_the_last_administrator_cannot_be_deleted(browser_session, user, grace):
    anna = browser_session("anna")
    answer = anna.post(f"{USERS}{user('anna').pk}/delete/", {"post": "yes"}, follow=True)
    assert "This is the only administrator who may sign in." in text_of(answer)
    sent = choose("delete_selected", user("bob"), user("anna"), post="yes")
    answer = anna.post(USERS, sent, follow=True)
    assert "This is the only administrator who may sign in." in text_of(answer)
    with enter_church(grace):
        assert User.objects.count() == 4


def test_somebody_is_deleted(browser_session, user, grace):
    anna, bob = browser_session("anna"), browser_session("bob")
    assert "Delete Bob?" in text_of(anna.get(f"{USERS}{user('bob').pk}/delete/"))
    anna.post(f"{USERS}{user('bob').pk}/delete/", {"post": "yes"})
    assert bob.get("/admin/").status_code == 302
    with enter_church(grace):
        assert User.objects.count() == 3


@pytest.mark.parametrize("actor", ["alice", "bob", "vera"])
def test_users_and_settings_are_the_administrators(browser_session, user, actor):
    client = browser_session(actor)
    for address in (
        USERS,
        f"{USERS}add/",
        page_of(user("bob")),
        f"{USERS}{user('bob').pk}/delete/",
        SETTINGS,
    ):
        assert client.get(address).status_code == 403
        assert client.post(address, fields_of(user("bob"), role="admin", post="yes")).status_code == 403
    assert user(actor).role == world.ACTORS[actor][1]


def test_a_user_of_another_church_is_not_there(browser_session, user):
    answer = browser_session("hugo").get(page_of(user("bob")), follow=True)
    assert answer.redirect_chain == [("/admin/", 302)]


def test_passwords_cannot_be_guessed_through_filters(browser_session):
    anna = browser_session("anna")
    for query in ("password__startswith=argon2", "password_hash__contains=a", "is_superuser__exact=0"):
        assert anna.get(f"{USERS}?{query}").status_code == 400
    assert "argon2" not in anna.get(USERS).content.decode()


# -- Settings --


def test_settings_are_saved_and_shown(browser_session, grace, django_capture_on_commit_callbacks):
    anna = browser_session("anna")
    page = anna.get(SETTINGS).content.decode()
    assert 'value="America/Chicago" selected' in page
    assert 'value="US" selected' in page
    sent = {"name": "Grace & Peace", "timezone": "Europe/Madrid", "language": "en", "country": "ES"}
    with django_capture_on_commit_callbacks(execute=True):
        anna.post(SETTINGS, sent)
    answer = anna.get(SETTINGS)
    assert "The settings are saved." in text_of(answer)
    assert "Grace & Peace" in text_of(answer)
    church = Church.objects.get(subdomain="grace")
    assert (church.timezone, church.country) == ("Europe/Madrid", "ES")


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"name": "x" * 256}, {"timezone": "Mars/Base"}, {"language": "xx"}, {"country": "ZZ"}],
)
def test_settings_that_will_not_do_are_said(browser_session, changes):
    sent = {"name": "Other", "timezone": "UTC", "language": "en", "country": "US", **changes}
    answer = browser_session("anna").post(SETTINGS, sent)
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == changes.keys()
    assert "Grace Church" in text_of(answer)
    assert Church.objects.get(subdomain="grace").name == "Grace Church"


def test_times_are_shown_in_the_churchs_zone(browser_session, user, grace):
    import datetime

    with enter_church(grace):
        User.objects.filter(pk=user("bob").pk).update(
            last_login=datetime.datetime(2026, 1, 5, 3, 30, tzinfo=datetime.UTC)
        )
    assert "01/04/2026 9:30 p.m." in text_of(browser_session("anna").get(USERS))


def test_nothing_of_one_request_stays_for_the_next(browser_session):
    browser_session("anna").get("/admin/")
    assert translation.get_language() == "en"
