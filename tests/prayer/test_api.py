"""Prayer requests over the API."""

from __future__ import annotations

import uuid

import pytest

from members.models import Member
from prayer import domain
from prayer.models import PrayerRequest
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem

ALL = "/api/prayer-requests"
FIELDS = {
    "id", "title", "description", "requester_id", "name", "email", "category", "priority", "status",
    "moderation", "is_anonymous", "is_public", "assigned_to", "flags", "source", "wants_mail",
    "prayed_count", "have_prayed", "testimony", "testimony_is_public", "published_at", "answered_at",
    "withdrawn_at", "created_at", "updated_at",
}  # fmt: skip


@pytest.fixture
def ada(grace):
    with enter_church(grace):
        return Member.objects.get(first_name="Ada")


def test_a_request_is_made_read_changed_and_deleted(api, ada, user):
    client = api("alice")
    made = client.post(
        ALL,
        {
            "title": "Rain",
            "description": "Pray for rain.",
            "requester_id": str(ada.pk),
            "category": "Weather",
        },
        format="json",
    )
    assert made.status_code == 201, made.content
    body = made.json()
    assert body.keys() == FIELDS
    assert (body["moderation"], body["status"], body["source"]) == ("published", "active", "api")
    assert (body["name"], body["category"], body["created_at"][-6:]) == ("Ada Lovelace", "weather", "+00:00")
    one = f"{ALL}/{body['id']}"
    assert client.get(one).json() == body
    changed = client.patch(
        one,
        {"assigned_to": str(user("bob").pk), "status": "answered", "testimony": "It rains."},
        format="json",
    ).json()
    assert (changed["assigned_to"], changed["status"]) == (str(user("bob").pk), "answered")
    assert changed["answered_at"] is not None
    assert client.put(one, {"description": "New."}, format="json").json()["title"] == "Rain"
    assert client.delete(one).status_code == 204
    assert_problem(client.get(one), 404)


def test_what_is_answered_or_closed_can_be_written_down_at_once(api):
    sent = {"description": "Thanks!", "status": "answered", "testimony": "So it was."}
    body = api("bob").post(ALL, sent, format="json").json()
    assert (body["status"], body["testimony"]) == ("answered", "So it was.")
    assert body["answered_at"] is not None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"description": ""}, "description"),
        ({"description": 5}, "description"),
        ({"title": "x" * 256}, "title"),
        ({"priority": "highest"}, "priority"),
        ({"status": "open"}, "status"),
        ({"moderation": "x"}, "moderation"),
        ({"is_public": "yes"}, "is_public"),
        ({"email": "nonsense"}, "email"),
        ({"requester_id": str(uuid.uuid4())}, "requester_id"),
        ({"assigned_to": str(uuid.uuid4())}, "assigned_to"),
        ({"category": "x" * 51}, "category"),
        ({"assigned_to": "vera"}, "assigned_to"),
    ],
)
def test_what_is_refused_names_its_field(api, user, values, field):
    if values.get("assigned_to") == "vera":
        values = {"assigned_to": str(user("vera").pk)}
    assert_problem(api("bob").post(ALL, {"description": "Pray.", **values}, format="json"), 400, field)


def test_the_same_key_makes_one_request(api, grace):
    client = api("bob")
    answers = [
        client.post(ALL, {"description": "Pray."}, format="json", HTTP_IDEMPOTENCY_KEY="k1") for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    with enter_church(grace):
        assert PrayerRequest.objects.count() == 1


def test_lists_are_filtered_ordered_and_searched(api, published, ask, user, grace):
    bob = user("bob")
    first, second = published("Rain for the fields.", category="work"), published("Sun.", name="Ruth")
    waits = ask("Wind and rain.").request
    with enter_church(grace):
        domain.change_request(request=first, user=bob, assigned_to=bob, priority="high")
        domain.change_request(request=second, user=bob, status="closed")
    client = api("bob")
    client.post(f"{ALL}/{first.pk}/pray")

    def found(query):
        return [row["id"] for row in client.get(f"{ALL}?{query}").json()["results"]]

    keys = {name: str(row.pk) for name, row in (("first", first), ("second", second), ("waits", waits))}
    for query, names in {
        "": ["waits", "second", "first"],
        "status=closed": ["second"],
        "moderation=pending": ["waits"],
        "priority=high": ["first"],
        "category=WORK": ["first"],
        f"assigned_to={bob.pk}": ["first"],
        "search=rain": ["waits", "first"],
        "search=RAIN+fields": ["first"],
        "search=%25": [],
        "ordering=-prayed_count,created_at": ["first", "second", "waits"],
        "ordering=created_at": ["first", "second", "waits"],
    }.items():
        assert found(query) == [keys[name] for name in names], query
    for query in ("status=x", "assigned_to=x", "is_public=perhaps", "requester_id=1"):
        assert_problem(client.get(f"{ALL}?{query}"), 400, query.partition("=")[0])


def test_a_volunteer_prays_and_is_counted_once(api, published):
    request, vera = published(), api("vera")
    path = f"{ALL}/{request.pk}/pray"
    assert vera.post(path).json() == {"id": str(request.pk), "prayed_count": 1, "counted": True}
    assert vera.post(path).json() == {"id": str(request.pk), "prayed_count": 1, "counted": False}
    assert vera.get(f"{ALL}/{request.pk}").json()["have_prayed"] is True
    assert api("bob").get(f"{ALL}/{request.pk}").json()["have_prayed"] is False


def test_a_volunteer_is_not_told_what_was_noticed(api, published):
    request = published("Abuse at home.")
    assert api("bob").get(f"{ALL}/{request.pk}").json()["flags"] == ["abuse"]
    assert api("vera").get(f"{ALL}/{request.pk}").json()["flags"] == []


def test_nobody_prays_for_what_they_do_not_see_or_what_is_closed(api, ask, published, grace, user):
    assert_problem(api("vera").post(f"{ALL}/{ask().request.pk}/pray"), 404)
    closed = published()
    with enter_church(grace):
        domain.change_request(request=closed, user=user("bob"), status="closed")
    assert_problem(api("bob").post(f"{ALL}/{closed.pk}/pray"), 404)


def test_updates_are_for_their_readers(api, published, user):
    request = published()
    path = f"{ALL}/{request.pk}/updates"
    for audience in ("public", "requester", "internal", "confidential"):
        sent = {"update_text": f"For {audience}.", "audience": audience}
        made = api("alice").post(path, sent, format="json")
        assert made.status_code == 201, made.content
    assert made.json() == {
        "id": made.json()["id"],
        "prayer_request_id": str(request.pk),
        "update_text": "For confidential.",
        "audience": "confidential",
        "by_requester": False,
        "created_by": str(user("alice").pk),
        "created_at": made.json()["created_at"],
    }
    assert [api(actor).get(path).json()["count"] for actor in ("vera", "bob", "alice")] == [1, 3, 4]
    refused = api("bob").post(path, {"update_text": "x", "audience": "confidential"}, format="json")
    assert_problem(refused, 400, "audience")
    assert api("bob").post(path, {"update_text": "x"}, format="json").json()["audience"] == "internal"
    assert_problem(api("bob").post(path, {"update_text": " "}, format="json"), 400, "update_text")
    assert_problem(api("bob").get(f"{ALL}/{uuid.uuid4()}/updates"), 404)


def test_lists_take_as_many_statements_for_thirty_as_for_one(api, published, ada, grace, user):
    client = api("alice")
    request = published(member=ada, source="api")
    lists = [ALL, f"{ALL}/{request.pk}/updates"]
    with enter_church(grace):
        domain.add_update(request=request, user=user("bob"), update_text="x")
    few = [fewest_queries(lambda path=path: client.get(path)) for path in lists]
    with enter_church(grace):
        for number in range(29):
            person = ada if number % 2 else None
            domain.submit_request(description="x", source="api", member=person, name="N", email="n@x.example")
            domain.add_update(request=request, user=user("alice"), update_text="x")
    assert client.get(ALL).json()["count"] == 30
    assert [fewest_queries(lambda path=path: client.get(path)) for path in lists] == few
