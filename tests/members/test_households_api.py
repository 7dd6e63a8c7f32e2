"""Households over the API."""

from __future__ import annotations

from uuid import uuid4

import pytest

from members.domain import create_member
from members.households.domain import add_to_household, create_household
from members.models import Household
from tenants.context import enter_church
from tests.members.conftest import fewest_queries

HOUSEHOLDS = "/api/households"


@pytest.fixture
def somebody(grace):
    def make(first_name="Ruth", last_name="Moab", **values):
        with enter_church(grace):
            return create_member(first_name=first_name, last_name=last_name, **values)

    return make


def make(client, **values):
    answer = client.post(HOUSEHOLDS, {"name": "Home", **values}, format="json")
    assert answer.status_code == 201, answer.content
    return f"{HOUSEHOLDS}/{answer.json()['id']}"


def join(client, address, person, **values):
    return client.post(f"{address}/members", {"member_id": str(person.pk), **values}, format="json")


def test_a_household_with_its_people(api, somebody):
    bob = api("bob")
    ruth = somebody()
    address = make(bob, address={"city": " Ulm ", "line2": ""}, phone="(217) 555-0101")
    answer = join(bob, address, ruth, role="Head")
    assert answer.status_code == 201, answer.content
    shown = {"id": str(ruth.pk), "first_name": "Ruth", "last_name": "Moab", "role": "head"}
    assert answer.json() == {**shown, "is_primary": True}
    body = bob.get(address).json()
    assert (body["members"], body["member_count"]) == ([answer.json()], 1)
    assert (body["address"], body["phone"]) == ({"city": "Ulm"}, "+12175550101")
    (listed,) = bob.get(HOUSEHOLDS).json()["results"]
    assert listed == {name: value for name, value in body.items() if name != "members"}


def test_put_and_patch(api, somebody):
    bob = api("bob")
    address = make(bob, phone="217 555 0101", external_key="7")
    join(bob, address, somebody())
    assert bob.put(address, {"phone": ""}, format="json").status_code == 400
    answer = bob.put(address, {"name": "House"}, format="json")
    assert (answer.status_code, answer.json()["name"], answer.json()["phone"]) == (
        200, "House", "+12175550101",
    )  # fmt: skip
    answer = bob.patch(address, {"mailing_address": {"line1": "Box 1"}}, format="json")
    assert answer.json() == bob.get(address).json()
    assert answer.json()["member_count"] == 1


@pytest.mark.parametrize(
    "values",
    [{"name": ""}, {"name": "x" * 201}, {"name": 5}, {"phone": "12"}, {"address": "Ulm"},
     {"address": {"city": 5}}, {"external_key": "taken"}],
)  # fmt: skip
def test_what_is_not_valid_is_refused_by_field(api, values):
    bob = api("bob")
    make(bob, external_key="taken")
    address = make(bob)
    for answer in (
        bob.post(HOUSEHOLDS, {"name": "Home", **values}, format="json"),
        bob.patch(address, values, format="json"),
    ):
        assert answer.status_code == 400
        assert [name.partition(".")[0] for name in answer.json()["errors"]] == list(values)


def test_roles_and_main_households_change(api, somebody):
    bob = api("bob")
    ruth = somebody()
    first, second = make(bob, name="First"), make(bob, name="Second")
    join(bob, first, ruth)
    assert join(bob, second, ruth, is_primary=False).json()["is_primary"] is False
    in_first, in_second = f"{first}/members/{ruth.pk}", f"{second}/members/{ruth.pk}"
    answer = bob.patch(in_second, {"is_primary": True, "role": "Guest"}, format="json")
    assert (answer.json()["role"], answer.json()["is_primary"]) == ("Guest", True)
    assert bob.get(first).json()["members"][0]["is_primary"] is False
    refused = bob.patch(in_second, {"is_primary": False}, format="json")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["is_primary"])
    assert bob.delete(in_second).status_code == 204
    assert bob.get(first).json()["members"][0]["is_primary"] is True
    for answer in (bob.delete(in_second), bob.patch(in_second, {}, format="json")):
        assert answer.status_code == 404
    assert bob.delete(first).status_code == 403
    assert api("alice").delete(first).status_code == 204
    assert bob.delete(in_first).status_code == 404
    assert bob.get(f"/api/members/{ruth.pk}").status_code == 200


def test_who_cannot_join(api, somebody, hope):
    bob = api("bob")
    ruth = somebody()
    address = make(bob)
    join(bob, address, ruth)
    with enter_church(hope):
        stranger = create_member(first_name="Carol", last_name="Hope")
    for body in (
        {}, {"member_id": str(ruth.pk)}, {"member_id": str(uuid4())}, {"member_id": str(stranger.pk)},
        {"member_id": 5},
    ):  # fmt: skip
        answer = bob.post(f"{address}/members", body, format="json")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["member_id"])
    assert join(bob, f"{HOUSEHOLDS}/{uuid4()}", ruth).status_code == 404


def test_the_same_key_puts_somebody_in_once(api, somebody):
    bob = api("bob")
    address, body = make(bob), {"member_id": str(somebody().pk)}
    for _ in range(2):
        answer = bob.post(f"{address}/members", body, format="json", headers={"Idempotency-Key": "once"})
        assert answer.status_code == 201
    assert bob.get(address).json()["member_count"] == 1


def test_households_are_found_by_name_people_and_key(api, somebody):
    bob = api("bob")
    ruth = somebody(email="ruth@moab.example")
    join(bob, make(bob, name="The Ephrath household", external_key="E1"), ruth)
    make(bob, name="The Levi household")
    make(bob, name="100% & co_")

    def found(query):
        answer = bob.get(f"{HOUSEHOLDS}?{query}")
        assert answer.status_code == 200, answer.content
        return [household["name"] for household in answer.json()["results"]]

    ephrath = ["The Ephrath household"]
    assert found("search=ephr%20house") == ephrath
    assert found("search=moab%20ru") == ephrath
    assert found("external_key=E1") == ephrath
    assert found(f"member_id={ruth.pk}") == ephrath
    assert found("search=100%25") == ["100% & co_"]
    assert found("search=%25%25") == []
    assert found("search=household&ordering=-name") == ["The Levi household", "The Ephrath household"]
    assert bob.get(f"{HOUSEHOLDS}?ordering=phone").status_code == 400
    assert bob.get(f"{HOUSEHOLDS}?member_id=7").status_code == 400


def test_a_person_has_their_households_the_main_one_first(api, somebody):
    bob = api("bob")
    child, mother = somebody(), somebody("Naomi")
    first = make(bob, name="First", address={"city": "Ulm"})
    second = make(bob, name="Second", mailing_address={"line1": "Box 1"}, address={"city": "Bonn"})
    join(bob, first, child, role="child")
    join(bob, second, mother, role="head")
    join(bob, second, child, is_primary=True)
    body = bob.get(f"/api/members/{child.pk}/households").json()
    assert body["count"] == 2
    assert [(one["name"], one["role"], one["is_primary"]) for one in body["results"]] == [
        ("Second", "", True), ("First", "child", False),
    ]  # fmt: skip
    assert [person["first_name"] for person in body["results"][0]["members"]] == ["Naomi", "Ruth"]
    assert bob.get(f"/api/members/{child.pk}/addresses").json() == {
        "address": {"city": "Bonn"}, "mailing_address": {"line1": "Box 1"},
    }  # fmt: skip
    for page in ("households", "addresses"):
        assert bob.get(f"/api/members/{uuid4()}/{page}").status_code == 404


def test_lists_take_as_many_queries_for_thirty_households_as_for_one(api, grace, somebody):
    bob = api("bob")
    child = somebody()
    addresses = (HOUSEHOLDS, f"{HOUSEHOLDS}?search=moab", f"/api/members/{child.pk}/households")
    counts = []
    for size in (1, 30):
        with enter_church(grace):
            Household.objects.all().delete()
            for number in range(size):
                household = create_household(name=f"Home {number}", people=[(child, "child")])
                for other in range(number % 3):
                    person = create_member(first_name=f"No{other}", last_name="Body")
                    add_to_household(household=household, member=person)
        for address in addresses:
            assert len(bob.get(address).json()["results"]) == size
        counts.append([fewest_queries(lambda address=address: bob.get(address)) for address in addresses])
    assert counts[0] == counts[1]
