"""The bell, the list and the choices, as they are without a script."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from notifications.domain import preferences_of
from notifications.models import Notification
from tenants.context import enter_church, outside_churches
from tenants.hosts import forget_hosts
from tests import world
from tests.notifications.kinds_for_tests import NEWS, SECRET, URGENT
from tests.pages import text_of

PAGE = "/admin/notifications/"


@pytest.fixture
def bob(browser_session):
    return browser_session("bob")


def test_the_bell_is_on_every_page_with_its_number(bob, tell):
    assert "Notifications, unread: 0" in text_of(bob.get("/admin/"))
    for what in ("bread", "wine"):
        tell("bob", what)
    for page in ("/admin/", "/admin/members/member/", PAGE):
        assert "Notifications, unread: 2" in text_of(bob.get(page))


def test_the_platforms_pages_have_no_bell(db):
    from accounts.models import User

    client = Client(HTTP_HOST="localhost")
    with outside_churches():
        client.force_login(User.objects.get(email=world.SUPERUSER))
    page = client.get("/admin/tenants/church/")
    assert page.status_code == 200
    assert 'id="bell"' not in page.content.decode()


def test_the_list_is_read_one_by_one_or_all_at_once(bob, tell, user, grace):
    [first] = tell("bob", "<b>bread</b>", url="/admin/members/member/")
    tell("bob", "wine", url="//elsewhere.example/")
    tell("anna", "not for bob")
    page = bob.get(PAGE)
    text = text_of(page)
    assert "News: <b>bread</b>" in text
    assert text.index("wine") < text.index("bread")
    assert "not for bob" not in text
    opened = bob.post(PAGE, {"open": str(first.pk)})
    assert opened["Location"] == "/admin/members/member/"
    with enter_church(grace):
        second = Notification.objects.shown_to(user("bob")).unread().get()
    # What leads to another site is read, and leads nowhere.
    assert bob.post(PAGE, {"open": str(second.pk)})["Location"] == PAGE
    assert "You have read everything" in text_of(bob.get(f"{PAGE}?show=unread"))
    tell("bob", "salt")
    seen = bob.get(PAGE).content.decode()
    tell("bob", "oil")
    assert 'name="up_to" value="3"' in seen
    bob.post(PAGE, {"read": "all", "up_to": "3"})
    unread = text_of(bob.get(f"{PAGE}?show=unread"))
    assert "News: oil" in unread
    assert "News: salt" not in unread
    bob.post(PAGE, {"read": "all", "up_to": "²"})
    assert "Notifications, unread: 0" in text_of(bob.get(PAGE))


def test_anothers_notification_is_not_there(bob, tell):
    [row] = tell("anna", "not for bob", url="/admin/members/member/")
    for key in (str(row.pk), "nonsense", ""):
        answer = bob.post(PAGE, {"open": key}, follow=True)
        assert "no longer there" in text_of(answer)


def test_thirty_cost_the_queries_of_one(bob, tell):
    costs = []
    for more in (1, 29):
        for number in range(more):
            tell("bob", str(number))
        # Known hosts are forgotten after a moment, which may be this one or not.
        forget_hosts()
        with CaptureQueriesContext(connection) as asked:
            assert bob.get(PAGE).status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_a_long_list_has_pages(bob, tell):
    for number in range(51):
        tell("bob", f"fact {number:02d}.")
    assert "fact 00." not in text_of(bob.get(PAGE))
    assert "fact 00." in text_of(bob.get(f"{PAGE}?page=2"))


def test_choices_are_made_for_what_one_may_be_told_of(bob, user, grace):
    page = bob.get(f"{PAGE}preferences/")
    content = page.content.decode()
    assert "Urgent: always in the app" in text_of(page)
    assert f'name="kind:{NEWS}" value="in_app" checked' in content
    assert SECRET not in content
    assert f"kind:{URGENT}" not in content
    saved = bob.post(f"{PAGE}preferences/", {f"kind:{NEWS}": "digest"}, follow=True)
    assert "Your choice is saved." in text_of(saved)
    assert f'name="kind:{NEWS}" value="digest" checked' in saved.content.decode()
    refused = bob.post(f"{PAGE}preferences/", {f"kind:{URGENT}": "off"}, follow=True)
    assert "always shown in the app" in text_of(refused)
    with enter_church(grace):
        chosen = {kind.name: choice for kind, choice in preferences_of(user("bob"))}
        assert chosen[URGENT] == "in_app"
