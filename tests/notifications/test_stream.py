"""The stream as far as one request goes: who may listen, from where on, and by which ticket."""

from __future__ import annotations

import time

import pytest
from django.core import signing
from django.test import Client

from accounts.domain import change_user
from accounts.sessions.domain import end_all
from accounts.tokens import end_login
from notifications.stream import tickets, view
from tenants.context import enter_church
from tests.notifications.events import STREAM, events_in, texts_in
from tests.notifications.kinds_for_tests import SECRET
from tests.problems import assert_problem

TICKET = f"{STREAM}-ticket"


def listened(client, query="", **headers):
    answer = client.get(f"{STREAM}{query}", headers={"Accept": "text/event-stream", **headers})
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/event-stream"
    assert answer["Cache-Control"] == "private, no-store"
    return events_in(answer.content.decode())


def test_who_begins_hears_where_things_stand_and_nothing_old(api, tell):
    tell("bob", "bread")
    tell("bob", "wine")
    [event] = listened(api("bob"))
    assert (event.name, event.number, event.content) == ("unread", 2, {"unread": 2})


@pytest.mark.parametrize("way", ["header", "address"])
def test_who_comes_back_hears_what_was_missed(api, tell, way):
    for what in ("bread", "wine", "salt"):
        tell("bob", what)
    tell("anna", "not for bob")
    bob = api("bob")
    events = listened(bob, "?after=1") if way == "address" else listened(bob, **{"Last-Event-ID": "1"})
    assert texts_in(events) == ["News: wine", "News: salt"]
    assert [event.number for event in events] == [2, 3, 3]
    assert listened(bob, "?after=1", **{"Last-Event-ID": "3"})[0].name == "unread"
    # The position of a database that was put back from an older copy.
    tell("bob", "oil")
    assert listened(bob, "?after=99")[-1].number == 4


def test_who_missed_much_gets_it_in_parts(api, tell, monkeypatch):
    monkeypatch.setattr(view, "ROWS_AT_ONCE", 2)
    for number in range(5):
        tell("bob", str(number))
    bob, position, heard = api("bob"), 0, []
    while position < 5:
        events = listened(bob, **{"Last-Event-ID": str(position)})
        position = events[-1].number
        heard += texts_in(events)
    assert heard == [f"News: {number}" for number in range(5)]


def test_what_one_may_no_longer_know_is_left_out(api, tell, user, grace):
    tell("anna", "bread")
    tell("anna", "money", kind=SECRET)
    with enter_church(grace):
        change_user(user=user("bob"), role="admin")
        change_user(user=user("anna"), role="volunteer")
    assert texts_in(listened(api("anna"), "?after=0")) == ["News: bread"]


def test_numbers_that_are_none(api):
    for wrong in ("x", "-1", "1.5", "", "1" * 19):
        assert_problem(api("bob").get(f"{STREAM}?after={wrong}"), 400, "after")
    wrong = api("bob").get(STREAM, headers={"Last-Event-ID": "x"})
    assert_problem(wrong, 400, "Last-Event-ID")


def test_who_takes_no_events_is_told_so(api):
    assert_problem(api("bob").get(STREAM, headers={"Accept": "application/json"}), 406)


def ticket_of(client):
    answer = client.post(TICKET)
    assert answer.status_code == 200, answer.content
    assert answer.json()["expires_in"] == 60
    return answer.json()["ticket"]


@pytest.fixture
def visitor():
    return Client(HTTP_HOST="grace.localhost")


def test_a_ticket_opens_the_stream_of_who_asked_for_it(api, browser_session, tell, visitor):
    tell("bob", "bread")
    for asking in (api("bob"), browser_session("bob")):
        assert texts_in(listened(visitor, f"?after=0&ticket={ticket_of(asking)}")) == ["News: bread"]


def test_a_ticket_opens_nothing_else(api, visitor):
    ticket = ticket_of(api("anna"))
    assert_problem(visitor.get(f"/api/notifications?ticket={ticket}"), 401)
    bearer = {"Authorization": f"Bearer {ticket}"}
    assert_problem(visitor.get("/api/auth/me", headers=bearer), 401)
    assert_problem(visitor.get(STREAM, headers=bearer), 401)
    assert_problem(visitor.post(f"{TICKET}?ticket={ticket}"), 401)


def test_a_token_in_the_address_opens_nothing(tokens, visitor):
    for name in ("ticket", "token", "access"):
        assert_problem(visitor.get(f"{STREAM}?{name}={tokens('anna')['access']}"), 401)


def test_tickets_that_are_not_good(api, tokens, user, grace, hope, monkeypatch, visitor):
    good = ticket_of(api("bob"))
    content = signing.loads(good, salt=tickets.SALT)
    assert_problem(Client(HTTP_HOST="hope.localhost").get(f"{STREAM}?ticket={good}"), 401)
    wrong = [
        signing.dumps(content, salt="another purpose"),
        signing.dumps({**content, "church": str(hope.pk)}, salt=tickets.SALT),
        signing.dumps({**content, "user": str(user("anna").pk)}, salt=tickets.SALT),
        signing.dumps({**content, "role": "admin"}, salt=tickets.SALT),
        signing.dumps({**content, "browser": True}, salt=tickets.SALT),
        signing.dumps({**content, "ends": int(time.time()) - 1}, salt=tickets.SALT),
        good[:-1],
        "",
    ]
    for ticket in wrong:
        assert_problem(visitor.get(f"{STREAM}?ticket={ticket}"), 401)
    # It is not made good by whoever brings it.
    assert_problem(api("bob").get(f"{STREAM}?ticket={wrong[0]}"), 401)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 61)
    assert_problem(visitor.get(f"{STREAM}?ticket={good}"), 401)


def test_a_ticket_ends_with_the_sign_in_behind_it(api, browser_session, tokens, user, grace, visitor):
    pair = tokens("bob")
    bearer = {"Authorization": f"Bearer {pair['access']}"}
    by_login = ticket_of(Client(HTTP_HOST="grace.localhost", headers=bearer))
    by_browser = ticket_of(browser_session("vera"))
    with enter_church(grace):
        end_login(refresh=pair["refresh"])
        end_all(user=user("vera"))
    for ticket in (by_login, by_browser):
        assert_problem(visitor.get(f"{STREAM}?ticket={ticket}"), 401)
