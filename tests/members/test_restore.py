"""Taking back: one change of a person, or their deletion."""

from __future__ import annotations

import uuid

import pytest

from core.models import HistoryEntry
from members import domain
from members.history.deleted import deleted_people
from members.models import (
    ConfidentialDetails,
    CustomField,
    Household,
    HouseholdMembership,
    Member,
    MemberMerge,
    MemberNote,
)
from tenants.context import enter_church
from tests.problems import assert_problem


@pytest.fixture(autouse=True)
def in_grace(grace):
    with enter_church(grace):
        yield


@pytest.fixture
def ruth():
    for key, kind in (("shoe", "number"), ("baptism", "text"), ("new", "text"), ("other", "text")):
        CustomField.objects.create(key=key, label=key.title(), kind=kind)
    choices = [{"key": "he", "label": "Hebrew"}, {"key": "mo", "label": "Moabite"}]
    CustomField.objects.create(key="langs", label="Languages", kind="choices", choices=choices)
    return domain.create_member(
        first_name="Ruth",
        last_name="Moab",
        phone="217 555 0100",
        address={"city": "Moab", "line1": "Field 1"},
        tags=["Choir", "Gleaners"],
        custom_fields={"shoe": 7, "langs": ["he", "mo"], "baptism": "by Naomi"},
        birth_date="--06-15",
        baptized_date="2001-02-03",
        external_key="P-7",
    )


@pytest.fixture
def post(api, grace):
    """``post("bob", address, field=…)``: the answer; afterwards the church is entered as before."""

    def send(actor, address, **body):
        with enter_church(grace):
            return api(actor).post(address, body, format="json")

    return send


def newest(member_id):
    return HistoryEntry.objects.filter(about=member_id, kind="members.member").latest()


@pytest.fixture
def put_back(post):
    return lambda member, entry, **body: post(
        "bob", f"/api/members/{member.pk}/history/{entry.pk}/restore", **body
    )


# -- One change --


def test_a_change_is_put_back(put_back, ruth):
    domain.change_member(member=ruth, phone="", address={"city": "Bethlehem"}, tags=[], birth_date="")
    domain.change_member(member=ruth, nickname="Ruthie")
    entry = HistoryEntry.objects.filter(about=ruth.pk, changes__has_key="phone", action=1).get()
    answer = put_back(ruth, entry)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["phone"] == "+12175550100"
    assert body["address"] == {"city": "Moab", "line1": "Field 1"}
    assert body["tags"] == ["Choir", "Gleaners"]
    assert body["birth_date"] == "--06-15"
    # What came later in other fields stays.
    assert body["nickname"] == "Ruthie"
    assert newest(ruth.pk).origin == "api"


def test_what_has_changed_since_is_named_and_only_overwritten_when_that_is_said(put_back, ruth):
    domain.change_member(member=ruth, phone="217 555 0101", baptized_date="2001-02-04")
    entry = newest(ruth.pk)
    domain.change_member(member=ruth, phone="217 555 0102")
    refused = assert_problem(put_back(ruth, entry), 409)
    assert "Phone" in refused["detail"]
    assert "Baptised" not in refused["detail"]
    body = put_back(ruth, entry, even_if_changed=True).json()
    assert (body["phone"], body["baptized_date"]) == ("+12175550100", "2001-02-03")


def test_a_change_that_is_undone_already_changes_nothing(put_back, ruth):
    domain.change_member(member=ruth, nickname="Ruthie")
    entry = newest(ruth.pk)
    domain.change_member(member=ruth, nickname="")
    assert put_back(ruth, entry).status_code == 200
    assert HistoryEntry.objects.filter(about=ruth.pk).count() == 3


def test_parts_that_the_entry_does_not_name_stay(put_back, ruth):
    domain.change_member(member=ruth, custom_fields={**ruth.custom_fields, "shoe": 8, "new": "x"})
    entry = newest(ruth.pk)
    now = Member.objects.get(pk=ruth.pk).custom_fields
    domain.change_member(member=ruth, custom_fields={**now, "other": "stays"})
    put_back(ruth, entry)
    assert Member.objects.get(pk=ruth.pk).custom_fields == {**ruth.custom_fields, "other": "stays"}


def test_nobody_puts_back_what_their_role_does_not_see(put_back, ruth):
    CustomField.objects.create(key="debt", label="Debt", kind="number", visible_to=["pastor"])
    domain.change_member(member=ruth, nickname="R", custom_fields={**ruth.custom_fields, "debt": 100})
    put_back(ruth, newest(ruth.pk))
    known = Member.objects.get(pk=ruth.pk)
    assert (known.nickname, known.custom_fields["debt"]) == ("", 100)


def test_only_a_change_of_the_persons_own_fields_can_be_put_back(put_back, ruth):
    note = MemberNote.objects.create(member=ruth, body="Text")
    made = HistoryEntry.objects.get(object_pk=note.pk)
    for entry in (made, newest(ruth.pk)):
        assert_problem(put_back(ruth, entry), 400)


def test_an_entry_of_somebody_else_is_none_of_this_person(put_back, ruth):
    other = domain.create_member(first_name="Orpah", last_name="Moab")
    domain.change_member(member=other, nickname="O")
    assert_problem(put_back(ruth, newest(other.pk)), 404)


def test_a_value_that_somebody_else_has_by_now_is_refused(put_back, ruth):
    domain.change_member(member=ruth, external_key="")
    domain.create_member(first_name="Orpah", last_name="Moab", external_key="P-7")
    assert_problem(put_back(ruth, newest(ruth.pk)), 400, "external_key")


# -- A deletion --


def deleted(member):
    key = member.pk
    domain.remove_member(member=Member.objects.get(pk=key))
    return key


def test_a_deleted_person_comes_back_whole(post, ruth):
    Member.objects.filter(pk=ruth.pk).update(import_fingerprint="f" * 64)
    columns = [field.attname for field in Member._meta.concrete_fields if field.name != "updated_at"]
    before = Member.objects.values(*columns).get(pk=ruth.pk)
    key = deleted(ruth)
    answer = post("alice", f"/api/members/{key}/restore")
    assert answer.status_code == 200, answer.content
    assert answer.json()["id"] == str(key)
    assert Member.objects.values(*columns).get(pk=key) == before
    assert list(Member.objects.matching("gleaners")) == [Member.objects.get(pk=key)]
    entry = newest(key)
    assert (entry.action, entry.origin) == (0, "api")
    assert not deleted_people().exists()


def test_households_come_back_with_the_person(post, ruth):
    first = Household.objects.create(name="Moab")
    alone = Household.objects.create(name="Alone", external_key="H1", address={"city": "Moab"})
    gone = Household.objects.create(name="Gone")
    other = domain.create_member(first_name="Orpah", last_name="Moab")
    HouseholdMembership.objects.create(household=first, member=other)
    HouseholdMembership.objects.create(household=first, member=ruth, role="child", is_primary=False)
    HouseholdMembership.objects.create(household=alone, member=ruth, is_primary=False)
    HouseholdMembership.objects.create(household=gone, member=ruth)
    key = deleted(ruth)
    gone.delete()
    alone.delete()
    post("alice", f"/api/members/{key}/restore")
    places = HouseholdMembership.objects.filter(member=key)
    assert {(place.household.name, place.role) for place in places} == {
        ("Moab", "child"),
        ("Alone", ""),
        ("Gone", ""),
    }
    assert [place.household.name for place in places if place.is_primary] == ["Gone"]
    assert Household.objects.get(name="Alone").address == {"city": "Moab"}


def test_a_household_that_was_deleted_later_does_not_come_back(post, ruth):
    first = Household.objects.create(name="Moab")
    HouseholdMembership.objects.create(household=first, member=ruth)
    key = deleted(ruth)
    Household.objects.get(pk=first.pk).delete()
    HistoryEntry.objects.filter(object_pk=first.pk, action=2).update(cid="another request")
    assert post("alice", f"/api/members/{key}/restore").status_code == 200
    assert not HouseholdMembership.objects.filter(member=key).exists()


def test_notes_and_confidential_details_do_not_come_back(post, ruth):
    MemberNote.objects.create(member=ruth, body="Text")
    ConfidentialDetails.objects.create(member=ruth, health="Text")
    key = deleted(ruth)
    post("alice", f"/api/members/{key}/restore")
    member = Member.objects.get(pk=key)
    assert not member.notes.exists()
    assert not ConfidentialDetails.objects.filter(member=member).exists()


def test_a_key_that_somebody_else_has_by_now_is_refused_by_name(post, ruth):
    key = deleted(ruth)
    domain.create_member(first_name="Orpah", last_name="Moab", external_key="P-7")
    refused = assert_problem(post("alice", f"/api/members/{key}/restore"), 400, "external_key")
    assert "P-7" in refused["errors"]["external_key"][0]
    assert not Member.objects.filter(pk=key).exists()


def test_who_is_there_or_never_was_cannot_be_restored(post, ruth):
    assert_problem(post("alice", f"/api/members/{ruth.pk}/restore"), 409)
    assert_problem(post("alice", f"/api/members/{uuid.uuid4()}/restore"), 404)
    key = deleted(ruth)
    assert post("alice", f"/api/members/{key}/restore").status_code == 200
    assert_problem(post("alice", f"/api/members/{key}/restore"), 409)


def test_who_went_into_another_person_is_not_among_the_deleted(post, ruth):
    survivor = domain.create_member(first_name="Ruth", last_name="Moab")
    key = deleted(ruth)
    MemberMerge.objects.create(survivor=survivor, absorbed_id=key, absorbed_name="Ruth Moab", snapshot="{}")
    assert not deleted_people().exists()
    assert_problem(post("alice", f"/api/members/{key}/restore"), 404)


def test_who_was_deleted_twice_comes_back_as_last_seen(post, ruth):
    key = deleted(ruth)
    post("alice", f"/api/members/{key}/restore")
    domain.change_member(member=Member.objects.get(pk=key), nickname="Later")
    deleted(Member.objects.get(pk=key))
    assert deleted_people().count() == 1
    assert post("alice", f"/api/members/{key}/restore").json()["nickname"] == "Later"


def test_restoring_is_for_those_who_may_delete(post, ruth):
    key = deleted(ruth)
    assert_problem(post("bob", f"/api/members/{key}/restore"), 403)
