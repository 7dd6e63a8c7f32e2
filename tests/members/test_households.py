"""The doors through which households change, and what they say of their people."""

from __future__ import annotations

from collections import Counter

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import HistoryEntry
from members.domain import create_member, remove_member
from members.households import domain
from members.households.reading import effective_addresses
from members.models import Household, HouseholdMembership, Member
from tenants.context import enter_church
from tenants.models import Church
from tests.parallel import at_once

PARK = {"line1": "1 Park Road", "city": "Ulm"}
LAKE = {"line1": "2 Lake Road", "city": "Ulm"}


@pytest.fixture
def inside(grace):
    with enter_church(grace):
        yield grace


def somebody(first_name="Ruth", last_name="Moab", **values):
    return create_member(first_name=first_name, last_name=last_name, **values)


def household_of(*people, **values):
    return domain.create_household(people=[(person, "") for person in people], **values)


def membership(person, household):
    return HouseholdMembership.objects.get(member=person, household=household)


def main_of(person):
    """The name of the one main household; None for who is in none."""
    mains = HouseholdMembership.objects.filter(member=person, is_primary=True)
    names = list(mains.values_list("household__name", flat=True))
    assert len(names) == (1 if person.households.exists() else 0)
    return names[0] if names else None


def join(person, household, **options):
    return domain.add_to_household(member=person, household=household, **options)


def test_a_household_is_called_after_its_head_or_the_name_that_most_have(inside):
    head, wife, son = somebody("Boaz", "Ephrath"), somebody(), somebody("Obed")
    assert household_of(head, wife, son).name == "The Moab household"
    people = [(wife, "Spouse"), (son, "Child"), (head, "Head of Household")]
    made = domain.create_household(people=people)
    assert made.name == "The Ephrath household"
    assert domain.create_household(people=people, name=" The  farm ").name == "The farm"
    roles = dict(made.memberships.values_list("member__first_name", "role"))
    assert roles == {"Boaz": "head", "Ruth": "spouse", "Obed": "child"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("phone", "12"),
        ("address", {"city": "x" * 256}),
        ("mailing_address", {"city": "a\x00b"}),
        ("external_key", "x" * 101),
        ("external_key", "taken"),
        ("wings", "2"),
    ],
)
def test_what_no_door_lets_through(inside, field, value):
    household_of(name="Other", external_key="taken")
    made = household_of(name="Home")
    doors = (
        lambda: household_of(**{"name": "Home", field: value}),
        lambda: domain.change_household(household=made, **{field: value}),
    )
    for door in doors:
        with pytest.raises(ValidationError) as refused:
            door()
        assert list(refused.value.message_dict) == [field]
    assert Household.objects.count() == 2


def test_values_are_kept_in_the_form_of_a_persons(inside):
    made = household_of(name="Home", address={"city": " Ulm ", "state": ""}, phone="(217) 555-0101")
    made = domain.change_household(household=made, mailing_address={"line1": "P. O.  Box 1"})
    made.refresh_from_db()
    assert (made.address, made.phone) == ({"city": "Ulm"}, "+12175550101")
    assert made.mailing_address == {"line1": "P. O. Box 1"}
    assert domain.change_household(household=made, name="Home").updated_at == made.updated_at


def test_the_first_household_is_the_main_one_until_another_is_made_it(inside):
    child = somebody()
    mothers, fathers = household_of(name="Mother’s"), household_of(name="Father’s")
    assert join(child, mothers, role="Child", primary=False).is_primary
    assert not join(child, fathers, role="Foster  child").is_primary
    assert main_of(child) == "Mother’s"
    domain.change_membership(membership=membership(child, fathers), primary=True)
    assert main_of(child) == "Father’s"
    assert membership(child, fathers).role == "Foster child"
    third = household_of(name="Boarding school")
    join(child, third, primary=True)
    assert main_of(child) == "Boarding school"
    # The oldest of the others.
    domain.leave_household(membership=membership(child, third))
    assert main_of(child) == "Mother’s"


def test_the_main_household_cannot_be_none(inside):
    child = somebody()
    home = household_of(child)
    with pytest.raises(ValidationError) as refused:
        domain.change_membership(membership=membership(child, home), primary=False)
    assert list(refused.value.message_dict) == ["is_primary"]
    assert domain.change_membership(membership=membership(child, home), role="head").role == "head"


def test_nobody_is_in_a_household_twice(inside):
    child = somebody()
    home = household_of(child)
    for door in (lambda: join(child, home), lambda: household_of(child, child)):
        with pytest.raises(ValidationError) as refused:
            door()
        assert list(refused.value.message_dict) == ["member_id"]
    assert (home.memberships.count(), Household.objects.count()) == (1, 1)


def test_removing_a_household_keeps_its_people(inside):
    mother, child = somebody("Hannah"), somebody("Samuel")
    home, temple = household_of(mother, child, name="Home"), household_of(child, name="Temple")
    domain.remove_household(household=home)
    assert (main_of(mother), main_of(child)) == (None, "Temple")
    domain.remove_household(household=temple)
    assert Member.objects.filter(pk__in=[mother.pk, child.pk]).count() == 2
    assert HouseholdMembership.objects.count() == 0


def test_moving_takes_role_and_main_place_along(inside):
    child = somebody()
    old = domain.create_household(people=[(child, "child")], name="Old")
    new, other = household_of(name="New"), household_of(name="Other")
    join(child, other)
    moved = domain.move_member(membership=membership(child, old), household=new)
    assert (moved.role, main_of(child)) == ("child", "New")
    # Where somebody is already, only the other one is left.
    domain.move_member(membership=membership(child, new), household=other)
    assert (main_of(child), list(child.households.all())) == ("Other", [other])
    domain.move_member(membership=membership(child, other), household=other)
    assert main_of(child) == "Other"


def test_a_family_parts(inside):
    father, mother, child = somebody("Elkanah"), somebody("Hannah", "Ramah"), somebody("Samuel", "Ramah")
    home = domain.create_household(people=[(father, "head"), (mother, "spouse"), (child, "child")])
    new = domain.split_household(household=home, member_ids=[mother.pk, child.pk])
    assert (new.name, main_of(mother), main_of(child)) == ("The Ramah household", new.name, new.name)
    assert list(home.members.all()) == [father]
    assert membership(child, new).role == "child"
    with pytest.raises(ValidationError) as refused:
        domain.split_household(household=home, member_ids=[mother.pk])
    assert list(refused.value.message_dict) == ["people"]
    assert Household.objects.count() == 2


def test_memberships_and_empty_households_can_be_taken_back(inside):
    mother, child = somebody("Hannah"), somebody("Samuel")
    home, temple = household_of(mother, child, name="Home"), household_of(child, name="Temple")
    taken = [membership(child, home).pk, membership(mother, home).pk]
    assert domain.withdraw(membership_ids=taken, batch=home.pk) == 2
    assert (main_of(mother), main_of(child)) == (None, "Temple")
    entries = HistoryEntry.objects.filter(batch=home.pk, kind="members.householdmembership")
    assert sorted(entry.get_action_display() for entry in entries) == ["delete", "delete", "update"]
    assert domain.remove_empty(household_ids=[home.pk, temple.pk]) == 1
    assert list(Household.objects.all()) == [temple]


def test_a_person_who_is_deleted_leaves_their_households(inside):
    mother, child = somebody("Hannah"), somebody("Samuel")
    home = household_of(mother, child)
    remove_member(member=mother)
    assert list(home.members.all()) == [child]


def test_the_history_tells_of_joining_and_leaving_on_the_persons_page(inside):
    child = somebody()
    home = household_of(child, name="Home")
    domain.leave_household(membership=membership(child, home))
    entries = HistoryEntry.objects.filter(about=child.pk, kind="members.householdmembership")
    assert [entry.get_action_display() for entry in entries.order_by("timestamp")] == ["create", "delete"]
    assert {entry.object_repr for entry in entries} == {"Ruth Moab (Home)"}


def test_who_has_no_address_of_their_own_lives_where_the_household_does(inside):
    own, shares, alone = somebody(address=LAKE), somebody(), somebody()
    post = somebody(mailing_address={"line1": "Box 7"})
    box = {"line1": "Box 1"}
    household_of(own, shares, post, name="Home", address=PARK, mailing_address=box)
    household_of(shares, name="Second", address=LAKE)
    people = [own.pk, shares.pk, alone.pk, post.pk]
    with CaptureQueriesContext(connection) as captured:
        found = effective_addresses(people)
    assert len(captured) == 2
    assert found == {
        own.pk: (LAKE, box),
        shares.pk: (PARK, box),
        alone.pk: ({}, {}),
        post.pk: (PARK, {"line1": "Box 7"}),
    }
    domain.change_household(household=Household.objects.get(name="Home"), mailing_address={})
    assert effective_addresses([shares.pk])[shares.pk] == (PARK, PARK)


def in_grace(door):
    def act():
        with enter_church(Church.objects.get(subdomain="grace")):
            try:
                return door()
            except (ValidationError, ObjectDoesNotExist) as refusal:
                return type(refusal).__name__

    return act


def test_many_at_once_leave_everybody_one_main_household(own_database):
    church = Church.objects.get(subdomain="grace")
    with enter_church(church):
        child = somebody()
        first, second = household_of(name="First"), household_of(name="Second")
    doors = [lambda: join(child, first), lambda: join(child, second), lambda: join(child, first)]
    at_once(*map(in_grace, doors))
    with enter_church(church):
        assert main_of(child) in {"First", "Second"}
        assert child.households.count() == 2
        ones = [membership(child, first), membership(child, second)]
    switch = [lambda one=one: domain.change_membership(membership=one, primary=True) for one in ones * 3]
    at_once(*map(in_grace, switch))
    with enter_church(church):
        assert main_of(child) in {"First", "Second"}
    doors = [
        lambda: domain.leave_household(membership=ones[0]),
        lambda: domain.leave_household(membership=ones[1]),
        lambda: domain.remove_household(household=first),
        lambda: domain.move_member(membership=ones[1], household=first),
    ]
    at_once(*map(in_grace, doors))
    with enter_church(church):
        main_of(child)


@pytest.mark.parametrize("attempt", range(3))
def test_joining_leaving_deleting_and_removing_at_once_breaks_nothing(own_database, attempt):
    church = Church.objects.get(subdomain="grace")
    with enter_church(church):
        people = [somebody(f"No{number}") for number in range(4)]
        home, other = household_of(*people, name="Home"), household_of(*people, name="Other")
        third = household_of(name="Third")
        ones = [membership(person, home) for person in people]
    doors = [
        lambda: domain.remove_household(household=home),
        lambda: domain.split_household(household=other, member_ids=[person.pk for person in people]),
        lambda: join(people[0], third, primary=True),
        lambda: domain.leave_household(membership=ones[1]),
        lambda: domain.move_member(membership=ones[2], household=third),
        lambda: remove_member(member=people[3]),
    ]
    at_once(*map(in_grace, doors))
    with enter_church(church):
        mains = Counter(
            HouseholdMembership.objects.filter(is_primary=True).values_list("member_id", flat=True)
        )
        in_some = set(HouseholdMembership.objects.values_list("member_id", flat=True))
        assert mains == Counter(in_some)
