"""A merge undone: at once, after changes, in any order, too late, and by several at a time."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from core.models import HistoryEntry
from members import domain as people
from members.confidential.domain import add_note, remove_note
from members.domain import create_member
from members.merging.domain import merge_members
from members.merging.undoing import NotUndoableError, undo_merge
from members.models import Household, HouseholdMembership, Member, MemberMerge, MemberNote
from tenants.context import enter_church
from tenants.models import Church
from tenants.signals import church_swept
from tests.parallel import at_once
from tests.problems import assert_problem


@pytest.fixture
def alice(user):
    return user("alice")


@pytest.fixture
def in_grace(grace, fields_of_disciples):
    with enter_church(grace):
        yield


def row_of(member):
    values = Member.objects.filter(pk=member.pk).values().get()
    values.pop("updated_at")
    return values


def make(name, **values):
    return create_member(first_name=name, last_name="Bethsaida", **values)


def test_both_are_as_they_were(in_grace, alice):
    simon = make("Simon", tags=["Choir"], custom_fields={"shirt": "L"})
    peter = make(
        "Peter", email="peter@rock.example", external_key="P1", tags=["Elders"], custom_fields={"keys": 1}
    )
    note = add_note(member=peter, body="Walked on water.", author=alice)
    before = [row_of(simon), row_of(peter)]
    merge = merge_members(survivor=simon, absorbed=peter, user=alice)
    assert MemberNote.objects.get(pk=note.pk).member_id == simon.pk
    back = undo_merge(merge=merge, user=alice)
    assert back.pk == peter.pk
    assert [row_of(simon), row_of(peter)] == before
    assert MemberNote.objects.get(pk=note.pk).member_id == peter.pk
    assert Member.objects.matching("rock.example").get() == peter
    stored = MemberMerge.objects.get(pk=merge.pk)
    assert stored.undone_at
    assert stored.snapshot == ""
    told = [e.changes for e in HistoryEntry.objects.filter(batch=merge.pk, about=simon.pk)]
    assert {"merge_undone": [None, "Peter Bethsaida"]} in told
    made = HistoryEntry.objects.filter(batch=merge.pk, about=peter.pk, action=HistoryEntry.Action.CREATE)
    assert made.count() == 1


def test_what_was_changed_since_is_kept(in_grace, alice):
    simon = make("Simon", tags=["Choir"], custom_fields={"shirt": "L"})
    peter = make("Peter", email="peter@rock.example", phone="217 555 0188", tags=["Elders"],
                 custom_fields={"keys": 2, "boat": "old"})  # fmt: skip
    of_peter, removed = (add_note(member=peter, body=text, author=alice) for text in ("one", "two"))
    merge = merge_members(survivor=simon, absorbed=peter, user=alice)
    kept = Member.objects.get(pk=simon.pk)
    people.change_member(
        member=kept, email="simon@new.example", tags=[*kept.tags, "Fishing"],
        custom_fields={**kept.custom_fields, "boat": "new"},
    )  # fmt: skip
    new = add_note(member=kept, body="since", author=alice)
    remove_note(note=removed, user=alice)
    undo_merge(merge=merge, user=alice)
    simon, peter = Member.objects.get(pk=simon.pk), Member.objects.get(pk=peter.pk)
    assert (simon.email, simon.phone) == ("simon@new.example", "")
    assert (peter.email, peter.phone) == ("peter@rock.example", "+12175550188")
    assert simon.tags == ["Choir", "Fishing"]
    assert simon.custom_fields == {"shirt": "L", "boat": "new"}
    assert peter.custom_fields == {"keys": 2, "boat": "old"}
    assert MemberNote.objects.get(pk=new.pk).member_id == simon.pk
    assert MemberNote.objects.get(pk=of_peter.pk).member_id == peter.pk
    assert MemberNote.objects.count() == 2


def test_a_key_that_somebody_took_meanwhile_stays_theirs(in_grace, alice):
    simon, peter = make("Simon", external_key="S1"), make("Peter", external_key="P1")
    merge = merge_members(survivor=simon, absorbed=peter, user=alice)
    make("Other", external_key="P1")
    assert undo_merge(merge=merge, user=alice).external_key == ""
    again = merge_members(
        survivor=simon,
        absorbed=make("Cephas", external_key="C1"),
        choices={"external_key": "absorbed"},
        user=alice,
    )
    make("Another", external_key="S1")
    assert undo_merge(merge=again, user=alice).external_key == "C1"
    assert Member.objects.get(pk=simon.pk).external_key == ""


def test_a_household_that_is_gone_does_not_come_back(in_grace, alice):
    simon, peter = make("Simon"), make("Peter")
    home = Household.objects.create(name="Home")
    for member in (simon, peter):
        HouseholdMembership.objects.create(household=home, member=member)
    merge = merge_members(survivor=simon, absorbed=peter, user=alice)
    home.delete()
    undo_merge(merge=merge, user=alice)
    assert HouseholdMembership.objects.count() == 0


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_merges_into_one_are_undone_in_any_order(in_grace, alice, order):
    simon = make("Simon", tags=["Choir"])
    others = [
        make("Peter", email="peter@rock.example", tags=["A"]),
        make("Cephas", phone="217 555 0188", tags=["B"]),
        make("Petros", nickname="Rock", tags=["C"], external_key="P3"),
    ]
    notes = [add_note(member=other, body=other.first_name, author=alice) for other in others]
    before = [row_of(member) for member in (simon, *others)]
    merges = [merge_members(survivor=simon, absorbed=other, user=alice) for other in others]
    for number in order:
        undo_merge(merge=merges[number], user=alice)
    assert [row_of(member) for member in (simon, *others)] == before
    assert [MemberNote.objects.get(pk=note.pk).member_id for note in notes] == [o.pk for o in others]


def test_of_a_chain_the_later_merge_is_undone_first(in_grace, alice):
    first, second, third = (
        make("First", email="1@x.example"),
        make("Second", phone="2175550188"),
        make("Third"),
    )
    before = [row_of(member) for member in (first, second, third)]
    note = add_note(member=first, body="x", author=alice)
    inner = merge_members(survivor=second, absorbed=first, user=alice)
    outer = merge_members(survivor=third, absorbed=second, user=alice)
    assert MemberNote.objects.get(pk=note.pk).member_id == third.pk
    with pytest.raises(NotUndoableError, match="Undo that first"):
        undo_merge(merge=inner, user=alice)
    undo_merge(merge=outer, user=alice)
    assert MemberNote.objects.get(pk=note.pk).member_id == second.pk
    undo_merge(merge=inner, user=alice)
    assert [row_of(member) for member in (first, second, third)] == before
    assert MemberNote.objects.get(pk=note.pk).member_id == first.pk


def test_merged_again_the_other_way_round(in_grace, alice):
    simon, peter = make("Simon"), make("Peter")
    undo_merge(merge=merge_members(survivor=simon, absorbed=peter, user=alice), user=alice)
    merge = merge_members(survivor=peter, absorbed=simon, user=alice)
    undo_merge(merge=merge, user=alice)
    assert Member.objects.filter(pk__in=[simon.pk, peter.pk]).count() == 2


# -- Over the API, too late, at once --


@pytest.fixture
def merge(grace, alice):
    with enter_church(grace):
        return merge_members(survivor=make("Simon"), absorbed=make("Peter"), user=alice)


def undo_at(merge):
    return f"/api/members/merges/{merge.pk}/undo"


def test_undo_over_the_api(api, merge):
    for actor in ("bob", "vera"):
        assert_problem(api(actor).post(undo_at(merge)), 403)
    assert_problem(api("carol").post(undo_at(merge)), 404)
    done = api("alice").post(undo_at(merge))
    assert done.status_code == 200
    assert done.json()["undone_at"]
    assert done.json()["can_be_undone_until"] is None
    assert api("alice").get(f"/api/members/{merge.absorbed_id}").json()["first_name"] == "Peter"
    assert_problem(api("alice").post(undo_at(merge)), 409)


def test_after_thirty_days_it_is_too_late_and_the_snapshot_is_emptied(api, grace, merge):
    with enter_church(grace):
        church_swept.send(sender=Church, church=grace)
        assert MemberMerge.objects.get(pk=merge.pk).snapshot
        MemberMerge.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert_problem(api("alice").post(undo_at(merge)), 409)
    assert api("alice").get("/api/members/merges").json()["results"][0]["can_be_undone_until"] is None
    with enter_church(grace):
        for _ in range(2):
            church_swept.send(sender=Church, church=grace)
            assert MemberMerge.objects.get(pk=merge.pk).snapshot == ""


def test_who_is_gone_for_good_takes_the_merge_along(api, grace, merge):
    with enter_church(grace):
        people.remove_member(member=merge.survivor)
    assert_problem(api("alice").post(undo_at(merge)), 404)


@pytest.fixture
def committed(own_database):
    from accounts.models import User

    grace = Church.objects.get(subdomain="grace")
    with enter_church(grace):
        pair = [make("Simon"), make("Peter")]
        return grace, pair, User.objects.get(email="alice@grace.example")


def test_of_merges_of_the_same_two_at_once_one_wins(committed):
    grace, (simon, peter), alice = committed

    def attempt(survivor, absorbed):
        with enter_church(grace):
            try:
                return merge_members(survivor=survivor, absorbed=absorbed, user=alice)
            except Member.DoesNotExist:
                return None

    answers = at_once(
        *[lambda: attempt(simon, peter)] * 3,
        *[lambda: attempt(peter, simon)] * 3,
    )
    assert len([answer for answer in answers if answer is not None]) == 1
    with enter_church(grace):
        assert Member.objects.filter(pk__in=[simon.pk, peter.pk]).count() == 1


def test_a_note_written_during_a_merge_is_not_lost(committed):
    grace, (simon, peter), alice = committed

    def write():
        with enter_church(grace):
            try:
                return add_note(member=peter, body="x", author=alice)
            except Member.DoesNotExist:
                return None

    def merge():
        with enter_church(grace):
            return merge_members(survivor=simon, absorbed=peter, user=alice)

    answers = at_once(merge, write, write, write)
    written = [answer for answer in answers[1:] if answer]
    with enter_church(grace):
        assert MemberNote.objects.filter(member_id=simon.pk).count() == len(written)


def test_of_undos_at_once_one_wins(committed):
    grace, (simon, peter), alice = committed
    with enter_church(grace):
        merge = merge_members(survivor=simon, absorbed=peter, user=alice)

    def attempt():
        with enter_church(grace):
            try:
                return undo_merge(merge=merge, user=alice)
            except NotUndoableError:
                return None

    answers = at_once(*[attempt] * 4)
    assert len([answer for answer in answers if answer is not None]) == 1
    with enter_church(grace):
        assert Member.objects.filter(pk__in=[simon.pk, peter.pk]).count() == 2
