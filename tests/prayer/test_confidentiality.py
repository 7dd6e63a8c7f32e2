"""Anonymous means anonymous: every endpoint and page, as those who may not know, and the name nowhere."""

from __future__ import annotations

import logging

import pytest
from django.utils import timezone

from core.logs import JSONFormatter
from members.care import moments_of
from members.domain import create_member
from members.merging.domain import merge_members
from members.models import Member
from notifications.models import Notification
from prayer import domain
from prayer.models import PrayerRequest
from tenants.context import enter_church
from tests.security.endpoints import ENDPOINTS
from tests.security.page import NOBODY
from tests.security.pages import PAGES

GUEST = ("Nicodemus", "nightly.example")
TITLE = "Sycamore matters"
# Who may not know, and how the signed-in ones come.
BLIND = ("bob", "vera")


@pytest.fixture
def guest_request(published):
    return published(
        "Can a man be born when he is old?",
        name="Nicodemus of the Pharisees",
        email="nico@nightly.example",
        is_anonymous=True,
    )


@pytest.fixture
def zacchaeus(grace):
    with enter_church(grace):
        return create_member(first_name="Zacchaeus", last_name="Jericho", email="zac@tree.example")


@pytest.fixture
def member_request(published, zacchaeus):
    return published("I climbed up.", title=TITLE, member=zacchaeus, source="api", is_anonymous=True)


def texts_for(client, request, *, ways, is_api):
    """What every address answers, with the request's id in those that take one, and bodies posted too."""
    for way in ways:
        if way.kind not in {"", "prayer request"} or getattr(way, "needs", "") == NOBODY:
            continue
        path = way.path(request.pk)
        answers = [client.get(path)] if not is_api or way.method == "GET" else []
        if is_api and way.kind and way.method in {"POST", "PUT", "PATCH"}:
            body = way.body(None) if way.body else {}
            answers.append(
                client.generic(way.method, path, client._encode_data(body, "json")[0], "application/json")
            )
        elif not is_api and way.kind:
            answers.append(client.post(path, {"verb": "publish", "update_text": "x", "audience": "internal"}))
        for answer in answers:
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            yield path, content.decode(errors="replace") + str(answer.headers)


PRAYER_WAYS = (
    [e for e in ENDPOINTS if "prayer" in e.route],
    [p for p in PAGES if "prayer" in p.route or not p.kind],
)


@pytest.mark.parametrize("actor", BLIND)
def test_a_guests_name_and_address_are_nowhere(api, browser_session, visitor, guest_request, actor, caplog):
    caplog.set_level(logging.DEBUG)
    endpoints, pages = PRAYER_WAYS
    said = list(texts_for(api(actor), guest_request, ways=endpoints, is_api=True))
    said += texts_for(browser_session(actor), guest_request, ways=pages, is_api=False)
    said += [(p, visitor().get(p).content.decode()) for p in ("/prayer/", "/prayer/ask/")]
    said += [("log", JSONFormatter().format(record)) for record in caplog.records]
    assert len(said) > 30
    assert not [(path, word) for path, text in said for word in GUEST if word in text]


@pytest.mark.parametrize("actor", BLIND)
def test_a_members_name_and_id_are_nowhere_in_prayer(
    api, browser_session, visitor, member_request, zacchaeus, actor
):
    endpoints, pages = PRAYER_WAYS
    pages = [page for page in pages if "prayer" in page.route]
    said = list(texts_for(api(actor), member_request, ways=endpoints, is_api=True))
    said += texts_for(browser_session(actor), member_request, ways=pages, is_api=False)
    said.append(("wall", visitor().get("/prayer/").content.decode()))
    assert any(TITLE in text for _path, text in said)
    marks = (str(zacchaeus.pk), "Zacchaeus", "Jericho", "tree.example")
    assert not [(path, mark) for path, text in said for mark in marks if mark in text]


@pytest.mark.parametrize("actor", BLIND)
def test_no_filter_search_or_order_confirms_who_asked(api, member_request, zacchaeus, actor):
    client = api(actor)
    every = client.get("/api/prayer-requests").json()
    assert [row["id"] for row in every["results"]] == [str(member_request.pk)]
    for query in (f"requester_id={zacchaeus.pk}", "search=Zacchaeus", "search=tree.example"):
        assert client.get(f"/api/prayer-requests?{query}").json()["count"] == 0, query
    for order in ("requester", "requester_id", "name", "guest_name", "requester__last_name"):
        assert client.get(f"/api/prayer-requests?ordering={order}").status_code == 400
    for query in (
        "requester=x",
        "requester__last_name=Jericho",
        "name=Zacchaeus",
        "email=zac@tree.example",
    ):
        assert client.get(f"/api/prayer-requests?{query}").json()["count"] == 1, query


@pytest.mark.parametrize("actor", BLIND)
def test_the_persons_own_page_history_and_timeline_tell_nothing(
    api, browser_session, member_request, zacchaeus, actor, user, grace
):
    base = f"/admin/members/member/{zacchaeus.pk}/change/"
    client = browser_session(actor)
    said = [
        client.get(f"{base}{tab}").content.decode() for tab in ("", "?tab=history", "?tab=notes", "?tab=care")
    ]
    said += [
        api(actor).get(f"/api/members/{zacchaeus.pk}{more}").content.decode() for more in ("", "/history")
    ]
    with enter_church(grace):
        said.append(str(moments_of(user=user(actor), member=zacchaeus, before=timezone.now(), count=50)))
        said.append(
            str(moments_of(user=user(actor), member=zacchaeus, before=timezone.now(), count=9, only="prayer"))
        )
    assert not [text for text in said if TITLE in text or str(member_request.pk) in text]


def test_who_may_know_is_told(api, browser_session, member_request, guest_request, zacchaeus, user, grace):
    alice = api("alice")
    shown = alice.get(f"/api/prayer-requests/{member_request.pk}").json()
    assert (shown["requester_id"], shown["name"]) == (str(zacchaeus.pk), "Zacchaeus Jericho")
    shown = alice.get(f"/api/prayer-requests/{guest_request.pk}").json()
    assert (shown["name"], shown["email"]) == ("Nicodemus of the Pharisees", "nico@nightly.example")
    assert alice.get(f"/api/prayer-requests?requester_id={zacchaeus.pk}").json()["count"] == 1
    page = browser_session("alice").get(f"/admin/prayer/prayerrequest/{guest_request.pk}/change/")
    assert "Nicodemus of the Pharisees (anonymous)" in page.content.decode()
    with enter_church(grace):
        moments = moments_of(
            user=user("alice"), member=zacchaeus, before=timezone.now(), count=9, only="prayer"
        )
    assert [moment.title for _source, moment in moments] == [f"Asked for prayer: {TITLE}"]


def test_notifications_say_that_and_not_who(member_request, guest_request, grace):
    with enter_church(grace):
        said = str(list(Notification.objects.values_list("data", "url", "kind")))
        names = [str(request) for request in PrayerRequest.objects.all()]
    for mark in (*GUEST, "Zacchaeus", TITLE):
        assert mark not in said
        assert mark not in str(names)


def test_a_merge_moves_what_is_anonymous_and_says_nothing(
    member_request, zacchaeus, user, grace, stored, api
):
    with enter_church(grace):
        other = create_member(first_name="Zach", last_name="Jericho")
        merge_members(survivor=other, absorbed=zacchaeus, user=user("alice"))
        assert stored(member_request).requester_id == other.pk
    text = api("bob").get(f"/api/members/{other.pk}/history").content.decode()
    assert TITLE not in text
    assert str(member_request.pk) not in text


def test_staff_who_write_down_an_anonymous_request_do_not_see_it_again(api, zacchaeus):
    body = {"description": "Up a tree", "requester_id": str(zacchaeus.pk), "is_anonymous": True}
    made = api("bob").post("/api/prayer-requests", body, format="json")
    assert made.status_code == 201, made.content
    assert (made.json()["requester_id"], made.json()["name"]) == (None, None)
    assert api("alice").get(f"/api/prayer-requests/{made.json()['id']}").json()["name"] == "Zacchaeus Jericho"


def test_a_form_sent_back_by_staff_does_not_empty_what_they_do_not_see(api, guest_request, stored):
    client = api("bob")
    shown = client.get(f"/api/prayer-requests/{guest_request.pk}").json()
    answer = client.put(f"/api/prayer-requests/{guest_request.pk}", {**shown, "title": "New"}, format="json")
    assert answer.status_code == 200, answer.content
    after = stored(guest_request)
    assert (after.title, after.guest_email) == ("New", "nico@nightly.example")


def test_a_volunteer_sees_no_address_of_a_named_guest(api, published, grace):
    request = published(name="Lydia Thyatira", email="lydia@purple.example")
    shown = api("vera").get(f"/api/prayer-requests/{request.pk}").json()
    assert (shown["name"], shown["email"]) == ("Lydia Thyatira", None)
    assert api("bob").get(f"/api/prayer-requests/{request.pk}").json()["email"] == "lydia@purple.example"


def test_what_exists_for_whom(api, ask, published, grace, user):
    waits, urgent = ask().request, ask("I want to die").request
    team, wall = published(is_public=False), published()
    hidden = published()
    with enter_church(grace):
        domain.change_request(request=hidden, user=user("bob"), moderation="hidden")
        assert Member.objects.exists()

    def seen(actor):
        client = api(actor)
        every = {row["id"] for row in client.get("/api/prayer-requests").json()["results"]}
        one = {
            str(row.pk)
            for row in (waits, urgent, team, wall, hidden)
            if client.get(f"/api/prayer-requests/{row.pk}").status_code == 200
        }
        assert every == one
        return every

    assert seen("vera") == {str(team.pk), str(wall.pk)}
    assert len(seen("bob")) == len(seen("alice")) == 5
