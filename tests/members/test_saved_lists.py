"""Lists of people that are kept by their rule, over the API."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.domain import delete_user
from members.custom_fields.domain import archive_custom_field, create_custom_field
from members.domain import create_member
from members.models import SavedList
from members.saved_lists.domain import save_list
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem

LISTS = "/api/saved-lists"
CHOIR = {"match": "all", "conditions": [{"field": "tags", "operator": "has", "value": "Choir"}]}
CARE = {"match": "any", "conditions": [{"field": "custom_fields.care", "operator": "known"}]}


@pytest.fixture
def keep(grace, user):
    def make(actor, name="Choir", rule=CHOIR, is_shared=False):
        with enter_church(grace):
            return save_list(user=user(actor), name=name, rule=rule, is_shared=is_shared)

    return make


def names(client):
    answer = client.get(LISTS)
    assert answer.status_code == 200, answer.json()
    return [entry["name"] for entry in answer.json()["results"]]


def test_a_list_is_made_read_changed_and_removed(api, grace):
    bob = api("bob")
    made = bob.post(LISTS, {"name": " The  choir ", "rule": CHOIR}, format="json")
    assert made.status_code == 201, made.json()
    assert (made.json()["name"], made.json()["count"], made.json()["owner_name"]) == ("The choir", 2, "Bob")
    address = f"{LISTS}/{made.json()['id']}"
    assert bob.get(address).json() == made.json()
    with enter_church(grace):
        create_member(first_name="Ruth", last_name="Moab", tags=["Choir"])
    assert bob.get(address).json()["count"] == 3
    people = bob.get(f"{address}/members?page_size=2&ordering=first_name").json()
    assert (people["count"], [person["first_name"] for person in people["results"]]) == (3, ["Ada", "Mary"])
    assert bob.get(f"/api/members?list={made.json()['id']}&first_name=Ruth").json()["count"] == 1
    changed = bob.patch(address, {"rule": {"conditions": []}, "is_shared": True}, format="json").json()
    assert (changed["count"], changed["rule"]) == (0, {"match": "all", "conditions": []})
    assert bob.put(address, changed, format="json").json() == changed
    assert bob.delete(address).status_code == 204
    assert bob.get(address).status_code == 404


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"name": " "}, "name"), ({"name": "x" * 101}, "name"), ({"rule": None}, "rule"),
        ({"rule": []}, "rule"),
        ({"rule": {"match": "some"}}, "rule.match"), ({"is_shared": "yes"}, "is_shared"),
        ({"rule": {"conditions": [{"field": "wings"}]}}, "rule.conditions.0.field"),
        ({"rule": CARE}, "rule.conditions.0.field"),
    ],
)  # fmt: skip
def test_what_is_not_valid_is_refused_by_its_path(api, keep, grace, values, path):
    with enter_church(grace):
        create_custom_field(label="Care", kind="text", visible_to=["pastor"])
    address = f"{LISTS}/{keep('bob').pk}"
    bob = api("bob")
    assert_problem(bob.post(LISTS, {"name": "A", "rule": CHOIR, **values}, format="json"), 400, path)
    assert_problem(bob.patch(address, values, format="json"), 400, path)


def test_a_private_list_is_there_for_its_owner_alone(api, keep):
    kept = keep("alice")
    assert names(api("alice")) == ["Choir"]
    for actor in ("anna", "bob", "vera"):
        client = api(actor)
        assert names(client) == []
        for address in (f"{LISTS}/{kept.pk}", f"{LISTS}/{kept.pk}/members"):
            assert client.get(address).status_code == 404
        hidden = assert_problem(client.get(f"/api/members?list={kept.pk}"), 400, "list")
        assert assert_problem(client.get(f"/api/members?list={uuid4()}"), 400, "list") == hidden
        for no_id in ("", "x", "%00"):
            assert_problem(client.get(f"/api/members?list={no_id}"), 400)


def test_a_shared_list_is_read_by_all_and_changed_by_its_owner_and_administrators(api, keep):
    address = f"{LISTS}/{keep('bob', is_shared=True).pk}"
    for actor, status in (("vera", 403), ("alice", 403), ("bob", 200), ("anna", 200)):
        client = api(actor)
        assert client.get(address).json()["count"] == 2
        assert client.get(f"{address}/members").json()["count"] == 2
        assert client.patch(address, {"name": f"By {actor}"}, format="json").status_code == status
    assert api("alice").delete(address).status_code == 403
    assert api("anna").delete(address).status_code == 204


def test_a_list_by_a_hidden_field_is_not_there(api, keep, grace):
    with enter_church(grace):
        field = create_custom_field(label="Care", kind="text", visible_to=["pastor"])
        create_member(first_name="Ruth", last_name="Moab", custom_fields={"care": "x"})
    kept = keep("alice", rule=CARE, is_shared=True)
    for archived in (False, True):
        for actor, sees in (("anna", True), ("alice", True), ("bob", False), ("vera", False)):
            client = api(actor)
            assert names(client) == (["Choir"] if sees else [])
            assert client.get(f"{LISTS}/{kept.pk}").status_code == (200 if sees else 404)
            assert client.get(f"{LISTS}/{kept.pk}/members").status_code == (200 if sees else 404)
            if sees:
                assert client.get(f"{LISTS}/{kept.pk}").json()["count"] == (0 if archived else 1)
        with enter_church(grace):
            archive_custom_field(field=field)


def test_people_on_a_list_show_no_hidden_field(api, keep, grace):
    with enter_church(grace):
        create_custom_field(label="Care", kind="text", visible_to=["pastor"])
        create_member(first_name="Ruth", last_name="Moab", tags=["Choir"], custom_fields={"care": "secret"})
    address = f"{LISTS}/{keep('bob', is_shared=True).pk}/members"
    assert "secret" in api("alice").get(address).content.decode()
    assert "secret" not in api("vera").get(address).content.decode()


def test_private_lists_go_with_their_owner_and_shared_ones_stay(grace, keep, user, api):
    keep("alice")
    shared = keep("alice", name="Shared", is_shared=True)
    with enter_church(grace):
        delete_user(user=user("alice"))
        assert [kept.name for kept in SavedList.objects.all()] == ["Shared"]
    # Nobody owns it now, so whoever may write takes it over.
    assert api("vera").patch(f"{LISTS}/{shared.pk}", {"name": "X"}, format="json").status_code == 403
    assert api("bob").patch(f"{LISTS}/{shared.pk}", {"name": "X"}, format="json").status_code == 200


def test_lists_cost_the_same_however_many_there_are(api, keep, grace):
    kept = keep("bob", is_shared=True)
    vera = api("vera")
    addresses = [LISTS, f"{LISTS}/{kept.pk}", f"{LISTS}/{kept.pk}/members"]
    before = [fewest_queries(lambda address=address: vera.get(address)) for address in addresses]
    for number in range(30):
        keep("bob", name=f"List {number}", is_shared=True)
    with enter_church(grace):
        for number in range(30):
            create_member(first_name=f"N{number}", last_name="Many", tags=["Choir"])
    assert [fewest_queries(lambda address=address: vera.get(address)) for address in addresses] == before
