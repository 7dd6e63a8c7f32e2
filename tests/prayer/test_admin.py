"""The team's pages: the list and its tabs, the page of a request with its verbs, praying together."""

from __future__ import annotations

import uuid

import pytest

from members.care import Link, linking
from members.care import chain as care_chain
from members.models import Member
from prayer import domain
from prayer.models import PrayerRequest, PrayerUpdate
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.pages import text_of

LIST = "/admin/prayer/prayerrequest/"


def page(request):
    return f"{LIST}{request.pk}/change/"


def act(client, request, verb, **more):
    return client.post(f"{LIST}{request.pk}/act/", {"verb": verb, **more}, follow=True)


def test_the_tabs_show_what_is_where(browser_session, ask, published, grace, user):
    bob = browser_session("bob")
    ask("Waits here.")
    ask("I want to die.")
    published("Is active.")
    answered, closed = published("Is answered."), published("Is closed.")
    with enter_church(grace):
        for request, status in ((answered, "answered"), (closed, "closed")):
            domain.change_request(request=request, user=user("bob"), status=status)
    texts = {
        name: text_of(bob.get(f"{LIST}?show={name}"))
        for name in ("review", "urgent", "active", "answered", "closed")
    }
    assert "Waiting for review 2" in texts["review"]
    assert "Urgent 1" in texts["review"]
    for name, seen, hidden in (
        ("review", "Waits here.", "Is active."),
        ("urgent", "I want to die.", "Waits here."),
        ("active", "Is active.", "Is answered."),
        ("answered", "Is answered.", "Is closed."),
        ("closed", "Is closed.", "Waits here."),
    ):
        assert seen in texts[name], name
        assert hidden not in texts[name], name
    vera = text_of(browser_session("vera").get(LIST))
    assert "Is active." in vera
    assert "Waiting for review" not in vera
    assert "I want to die" not in vera


def test_a_request_is_looked_at_and_looked_after(browser_session, ask, stored, user):
    bob = browser_session("bob")
    request = ask("Abuse at home.", name="Ruth Moab", email="ruth@moab.example").request
    text = text_of(bob.get(page(request)))
    for seen in ("Urgent", "Words about abuse", "Ruth Moab", "ruth@moab.example", "Publish on the wall"):
        assert seen in text, seen
    assert "The request is published." in text_of(act(bob, request, "publish"))
    assert "The request is yours." in text_of(act(bob, request, "take"))
    alice = str(user("alice").pk)
    assert "The request is assigned." in text_of(act(bob, request, "assign", user=alice))
    assert str(stored(request).assigned_to_id) == alice
    assert "may not work with" in text_of(act(bob, request, "assign", user=str(user("vera").pk)))
    act(bob, request, "assign", user="")
    assert stored(request).assigned_to_id is None
    text = text_of(act(bob, request, "close"))
    assert "The request is closed." in text
    assert "Review from Waiting for review to Published" in text
    assert "Priority from Urgent to High" in text
    act(bob, request, "reopen")
    act(bob, request, "hide")
    assert (stored(request).status, stored(request).moderation) == ("active", "hidden")
    assert bob.post(f"{LIST}{request.pk}/act/", {"verb": "nonsense"}).status_code == 404


def test_answered_with_a_testimony(browser_session, published, stored):
    bob, request = browser_session("bob"), published()
    address = f"{LIST}{request.pk}/answered/"
    assert "Ask whoever asked first." in text_of(bob.get(address))
    done = bob.post(address, {"testimony": "She walks!", "testimony_is_public": "on"}, follow=True)
    assert "The request is answered." in text_of(done)
    after = stored(request)
    assert (after.status, after.testimony, after.testimony_is_public) == ("answered", "She walks!", True)


def test_updates_are_written_and_what_the_requester_wrote_is_put_on_the_wall(
    browser_session, ask, grace, user
):
    from prayer import requester

    bob, made = browser_session("bob"), ask(is_anonymous=True)
    address = f"{LIST}{made.request.pk}/updates/"
    done = bob.post(address, {"update_text": "Call <b>her</b>.", "audience": "internal"}, follow=True)
    assert "The update was added." in text_of(done)
    assert "Call &lt;b&gt;her" in done.content.decode()
    assert "Pastors and administrators" not in text_of(done)
    assert "Pastors and administrators" in text_of(browser_session("alice").get(page(made.request)))
    for refused in ({"update_text": " ", "audience": "internal"}, {"update_text": "x", "audience": "all"}):
        assert bob.post(address, refused).status_code == 400
    with enter_church(grace):
        update = requester.write_again(secret=made.secret, update_text="He was.")
    shown = bob.post(address, {"update": str(update.pk), "audience": "public"}, follow=True)
    assert "The update was changed." in text_of(shown)
    with enter_church(grace):
        assert PrayerUpdate.objects.get(pk=update.pk).audience == "public"
    for wrong in ("x", str(uuid.uuid4())):
        assert bob.post(address, {"update": wrong, "audience": "public"}).status_code == 404


def test_a_request_is_written_down_for_a_person(browser_session, grace, stored):
    bob = browser_session("bob")
    with enter_church(grace):
        ada = Member.objects.get(first_name="Ada")
    person = bob.get(f"/admin/members/member/{ada.pk}/change/").content.decode()
    assert f"{LIST}add/?member={ada.pk}" in person
    assert "For Ada Lovelace" in text_of(bob.get(f"{LIST}add/?member={ada.pk}"))
    values = {"description": "Her engine.", "priority": "normal", "is_public": "on", "member": str(ada.pk)}
    done = bob.post(f"{LIST}add/?member={ada.pk}", values, follow=True)
    assert "Ada Lovelace" in text_of(done), text_of(done)
    with enter_church(grace):
        request = PrayerRequest.objects.get()
    assert (request.requester_id, request.source, request.moderation) == (ada.pk, "admin", "published")
    refused = bob.post(f"{LIST}add/", {"description": " ", "priority": "normal"})
    assert "This field is required." in text_of(refused)


def test_the_form_changes_what_may_be_changed(browser_session, ask, stored):
    bob = browser_session("bob")
    request = ask(name="Nicodemus", email="n@night.example", is_anonymous=True, is_public=False).request
    form = bob.get(f"{page(request)}?edit=1").content.decode()
    for name in ("name", "email", "is_anonymous", "is_public", "member"):
        assert f'name="{name}"' not in form, name
    values = {"title": "Night", "description": "New.", "priority": "low", "category": "faith"}
    assert bob.post(page(request), values).status_code == 302
    after = stored(request)
    assert (after.title, after.description, after.priority) == ("Night", "New.", "low")
    assert (after.guest_name, after.is_anonymous, after.is_public) == ("Nicodemus", True, False)
    form = browser_session("alice").get(f"{page(request)}?edit=1").content.decode()
    assert 'value="Nicodemus"' in form


def test_a_volunteer_reads_and_prays_and_changes_nothing(browser_session, published, stored):
    vera, request = browser_session("vera"), published("Pray.", email="ruth@moab.example")
    text = text_of(vera.get(page(request)))
    assert "I prayed" in text
    for hidden in ("ruth@moab.example", "Publish", "Assign", "Add update", "Who did what"):
        assert hidden not in text, hidden
    assert "edit" not in vera.get(f"{page(request)}?edit=1").content.decode().partition("prayer-page")[2]
    done = vera.post(f"{LIST}{request.pk}/pray/", follow=True)
    assert "You have prayed" in text_of(done)
    assert stored(request).prayed_count == 1
    assert vera.post(page(request), {"title": "x", "description": "x", "priority": "low"}).status_code in {
        200,
        403,
    }
    assert stored(request).title == "Pray."


def test_the_session_shows_the_urgent_first_then_the_least_prayed_for(
    browser_session, ask, published, grace, user
):
    address = f"{LIST}session/"
    first, second = published("Much prayed for."), published("Little prayed for.")
    urgent = ask("I want to die.").request
    ask("Not looked at.")
    from prayer.praying import pray

    with enter_church(grace):
        pray(request=first, user=user("alice"))
    bob, seen = browser_session("bob"), []
    for request in (urgent, second, first):
        text = text_of(bob.get(address))
        assert request.title in text
        assert "Not looked at." not in text
        seen.append(bob.post(address, {"prayer": str(request.pk), "verb": "prayed"})["Location"])
    assert seen == [address] * 3
    assert "You have prayed for everybody" in text_of(bob.get(address))
    vera = browser_session("vera")
    assert second.title in text_of(vera.get(address))
    later = vera.post(address, {"prayer": str(second.pk), "verb": "later"})["Location"]
    text = text_of(vera.get(later))
    assert first.title in text
    assert "2 requests wait for your prayer." in text
    later = vera.post(address, {"prayer": str(first.pk), "verb": "later", "later": later.partition("=")[2]})
    assert "You left 2 requests for later." in text_of(vera.get(later["Location"]))
    assert vera.post(address, {"prayer": str(urgent.pk)}).status_code == 404
    assert vera.post(address, {"prayer": "x"}).status_code == 404
    assert vera.get(f"{address}?later=x.y").status_code == 200


def test_today_says_what_waits(browser_session, ask, published):
    published("Looked at already.")
    bob = browser_session("bob")
    assert "No prayer request waits for review." in text_of(bob.get("/admin/"))
    ask("Waits for somebody.")
    assert "Waits for somebody." in text_of(bob.get("/admin/"))
    vera = text_of(browser_session("vera").get("/admin/"))
    assert "Looked at already." in vera
    assert "Waits for somebody." not in vera


def test_what_came_of_a_request_is_on_its_page(browser_session, published, monkeypatch):
    request, hidden = published(), published(is_anonymous=True)
    monkeypatch.setattr(care_chain, "_readers", [])

    @linking
    def visits(user, kind, identifier):
        asked = kind == "prayer_request" and identifier in {request.pk, hidden.pk}
        return [Link(request.created_at, "Visit at home")] if asked else []

    bob, alice = browser_session("bob"), browser_session("alice")
    assert "What came of it Visit at home" in text_of(bob.get(page(request)))
    assert "Visit at home" not in text_of(bob.get(page(hidden)))
    assert "Visit at home" in text_of(alice.get(page(hidden)))


def test_a_visit_is_planned_from_a_request_where_there_are_visits(rf, published, user, grace, monkeypatch):
    from prayer.admin import request_page

    with enter_church(grace):
        ada = Member.objects.get(first_name="Ada")
    named, hidden = (
        published(member=ada, source="api"),
        published(member=ada, source="api", is_anonymous=True),
    )
    monkeypatch.setattr(request_page, "reverse", lambda name: f"/{name}/")

    def url(actor, request):
        asking = rf.get("/")
        asking.user = user(actor)
        return request_page.visit_url(asking, request)

    start = "/admin:visits_visit_add/?from=prayer_request%3A"
    assert url("bob", named) == f"{start}{named.pk}&member={ada.pk}"
    assert url("bob", hidden) == ""
    assert url("alice", hidden) == f"{start}{hidden.pk}&member={ada.pk}"
    assert url("vera", named) == ""


def test_the_list_takes_as_many_statements_for_thirty_as_for_one(browser_session, published, grace):
    bob = browser_session("bob")
    with enter_church(grace):
        ada = Member.objects.get(first_name="Ada")
    published(member=ada, source="api")
    few = fewest_queries(lambda: bob.get(LIST))
    for number in range(29):
        published(**({"member": ada} if number % 2 else {"name": "Ruth"}), source="api")
    assert fewest_queries(lambda: bob.get(LIST)) == few


@pytest.mark.parametrize("actor", ["bob", "vera"])
def test_only_who_may_deletes(browser_session, published, stored, actor):
    request = published()
    assert browser_session(actor).post(f"{LIST}{request.pk}/delete/", {"post": "yes"}).status_code == 403
    browser_session("alice").post(f"{LIST}{request.pk}/delete/", {"post": "yes"})
    with pytest.raises(PrayerRequest.DoesNotExist):
        stored(request)
