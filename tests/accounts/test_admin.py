"""Signing in, passwords, users and settings on the pages of a church."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import translation

from accounts import domain, links
from accounts.models import LoginSession, User
from accounts.permissions import Role
from tenants.context import enter_church
from tenants.models import Church
from tests import world
from tests.pages import choose, text_of

USERS = "/admin/accounts/user/"
SETTINGS = "/admin/settings/"
NEW_PASSWORD = "seven brass lanterns"


def at(subdomain="grace"):
    return Client(HTTP_HOST=f"{subdomain}.localhost")


def sign_in(client, email=None, password=world.PASSWORD, next_page="/admin/"):
    return client.post(
        f"/admin/login/?next={next_page}",
        {"username": email or world.email_of("bob"), "password": password, "next": next_page},
    )


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


@pytest.fixture
def link(grace):
    """``link("bob", links.RESET)``: path of the page behind a mailed link."""

    def make(actor, purpose=links.INVITATION):
        with enter_church(grace):
            user = User.objects.get(email=world.email_of(actor))
            return f"/set-password/{links.make_token(user, purpose)}/"

    return make


# -- Signing in --


def test_the_sign_in_page_is_the_churchs(db):
    for subdomain, name in world.CHURCHES.items():
        page = at(subdomain).get("/admin/login/")
        assert name in text_of(page)
        assert "Forgot your password?" in text_of(page)
        assert f"Sign in | {name}" in " ".join(page.content.decode().split())


def test_the_church_hosts_root_leads_to_the_admin(db):
    assert at().get("/").headers["Location"] == "/admin/"


def test_who_signs_in_comes_where_they_wanted(db):
    answer = sign_in(at(), next_page="/admin/members/member/")
    assert answer.headers["Location"] == "/admin/members/member/"


def test_a_sign_in_leads_to_no_other_site(db):
    assert sign_in(at(), next_page="https://evil.example/").headers["Location"].startswith("/admin/")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("bob@grace.example", "wrong"),
        ("nobody@grace.example", "wrong"),
        ("carol@hope.example", world.PASSWORD),
    ],
)
def test_whatever_is_wrong_the_page_says_the_same(db, email, password):
    assert "Email or password is wrong." in text_of(sign_in(at(), email, password))


def test_too_many_attempts_are_said(db):
    client = at()
    for _attempt in range(5):
        sign_in(client, password="wrong")
    assert re.search(r"Too many attempts\. Try again in \d+ minutes\.", text_of(sign_in(client)))


def test_a_session_is_worth_nothing_at_another_church(db):
    client = at()
    sign_in(client)
    assert client.get("/admin/").status_code == 200
    stranger = at("hope")
    stranger.cookies = client.cookies
    assert stranger.get("/admin/").status_code == 302


def test_signing_out(browser_session):
    bob = browser_session("bob")
    assert "You are signed out" in text_of(bob.post("/admin/logout/"))
    assert bob.get("/admin/").status_code == 302
    assert at().get("/admin/logout/").status_code in {302, 405}


def test_a_user_who_is_switched_off_is_out_at_the_next_page(browser_session, user, grace):
    bob = browser_session("bob")
    with enter_church(grace):
        domain.change_user(user=user("bob"), is_active=False)
    assert bob.get("/admin/").status_code == 302


# -- Links by mail --


def test_a_link_shows_a_form_and_sets_the_password_once(link):
    client, address = at(), link("bob")
    for _look in range(2):
        page = client.get(address)
        assert page.status_code == 200
        assert 'value="bob@grace.example"' in page.content.decode()
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in page.headers["Cache-Control"]
    done = client.post(address, {"password": NEW_PASSWORD, "again": NEW_PASSWORD}, follow=True)
    assert done.redirect_chain == [("/admin/login/", 302)]
    assert "Your password is set." in text_of(done)
    assert sign_in(client, password=NEW_PASSWORD).status_code == 302
    used = at().post(address, {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert used.status_code == 404
    assert "This link is not valid any more" in text_of(used)


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", "short", "at least 10 characters"),
        (NEW_PASSWORD, "something else", "The two passwords differ."),
        ("1234567890", "1234567890", "entirely numeric"),
        ("bob@grace.example", "bob@grace.example", "too similar"),
        ("", "", "This field is required."),
    ],
)
def test_a_password_that_will_not_do_is_said(link, password, again, said):
    answer = at().post(link("bob"), {"password": password, "again": again})
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert sign_in(at()).status_code == 302


@pytest.mark.parametrize("token", ["x", "eyJ1c2VyIjoiMSJ9:1x:forged", "%00", "..", "a" * 3000])
def test_a_forged_link_is_no_link(db, token):
    assert at().get(f"/set-password/{token}/").status_code in {400, 404}


def test_a_link_of_one_church_is_none_at_another(link):
    address = link("bob")
    assert at("hope").get(address).status_code == 404
    assert at("hope").post(address, {"password": NEW_PASSWORD, "again": NEW_PASSWORD}).status_code == 404


def test_forgetting_answers_the_same_for_everybody_and_mails_who_is_there(db, work_queue, mailoutbox):
    pages = []
    for email in ("nobody@grace.example", "bob@grace.example"):
        answer = at().post("/forgot-password/", {"email": email})
        assert answer.status_code == 200
        pages.append(text_of(answer))
    assert pages[0] == pages[1]
    work_queue()
    [mail] = mailoutbox
    assert mail.to == ["bob@grace.example"]
    [address] = re.findall(r"http://grace\.localhost:\d+(/set-password/\S+/)", mail.body)
    assert at().get(address).status_code == 200


def test_forgetting_is_limited_and_wants_an_address(db):
    for _request in range(3):
        assert at().post("/forgot-password/", {"email": "bob@grace.example"}).status_code == 200
    again = at().post("/forgot-password/", {"email": "bob@grace.example"})
    assert "Too many attempts." in text_of(again)
    assert at().post("/forgot-password/", {"email": "nonsense"}).status_code == 400


# -- One's own password --


def new_password(client, current=world.PASSWORD, password=NEW_PASSWORD, again=None):
    sent = {"current": current, "password": password, "again": password if again is None else again}
    return client.post("/admin/password_change/", sent)


def test_a_new_password_ends_every_login_but_this_one(browser_session, tokens, user, grace):
    here, elsewhere = browser_session("bob"), browser_session("bob")
    tokens("bob")
    assert new_password(here).status_code == 302
    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302
    with enter_church(grace):
        assert not LoginSession.objects.alive().filter(user=user("bob")).exists()
    assert sign_in(at(), password=NEW_PASSWORD).status_code == 302
    assert "Email or password is wrong." in text_of(sign_in(at()))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"current": "wrong"}, "This is not your present password."),
        ({"password": "short"}, "at least 10 characters"),
        ({"again": "something else"}, "The two passwords differ."),
    ],
)
def test_a_password_is_not_changed_for_the_asking(browser_session, sent, said):
    answer = new_password(browser_session("bob"), **sent)
    assert answer.status_code == 200
    assert said in text_of(answer)
    assert sign_in(at()).status_code == 302


def test_present_passwords_cannot_be_tried_at_will(browser_session):
    bob = browser_session("bob")
    for _attempt in range(5):
        new_password(bob, current="wrong")
    assert "Too many attempts." in text_of(new_password(bob))


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
