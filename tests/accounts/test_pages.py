"""Signing in, mailed links and one's own password on the pages of a church."""

from __future__ import annotations

import re

import pytest

from accounts import domain, links
from accounts.models import LoginSession, User
from tenants.context import enter_church
from tests import world
from tests.accounts.sign_in import NEW_PASSWORD, at, sign_in
from tests.pages import text_of


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
