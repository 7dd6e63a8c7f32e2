"""Households out of imported lists."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import HistoryEntry
from members.domain import change_member, create_member
from members.households import domain
from members.households.importing import place_everybody, unplaced
from members.importing import running
from members.models import Household, HouseholdMembership, Member
from tenants.context import enter_church
from tenants.signals import church_swept

HEADER = "first_name,last_name,email,family id,role in family,address,city\n"
FAMILY = (
    "Elkanah,Ramah,e@x.example,H1,Head of Household,1 Hill Road,Ramah\n"
    "Hannah,Ramah,h@x.example,H1,Spouse,,\n"
    "Samuel,Levi,s@x.example,H1,Child,9 Temple Street,Shiloh\n"
    "Eli,Shiloh,eli@x.example,,Head,,\n"
)
RAMAH = {"line1": "1 Hill Road", "city": "Ramah"}
KINDS = ["members.household", "members.householdmembership"]


@pytest.fixture
def inside(grace):
    with enter_church(grace):
        yield grace


def households():
    """``{name: {first name: (role, is main)}}``."""
    return {
        household.name: {
            membership.member.first_name: (membership.role, membership.is_primary)
            for membership in household.memberships.select_related("member")
        }
        for household in Household.objects.all()
    }


def of(first_name):
    return HouseholdMembership.objects.get(member__first_name=first_name)


RAMAHS = {"Elkanah": ("head", True), "Hannah": ("spouse", True), "Samuel": ("child", True)}


def test_an_imported_family_is_a_household(inside, run_import):
    done = run_import(HEADER + FAMILY)
    assert households() == {"The Ramah household": RAMAHS}
    made = Household.objects.get()
    assert (made.external_key, made.address) == ("H1", RAMAH)
    assert Member.objects.get(first_name="Samuel").address["city"] == "Shiloh"
    entries = HistoryEntry.objects.filter(batch=done.pk, kind__in=KINDS)
    assert sorted(entries.values_list("kind", flat=True)) == [KINDS[0], *[KINDS[1]] * 3]
    assert set(entries.values_list("origin", "action")) == {("import", HistoryEntry.Action.CREATE)}
    assert set(entries.filter(kind=KINDS[1]).values_list("about", flat=True)) == set(
        made.members.values_list("pk", flat=True)
    )


def test_a_trial_run_places_nobody(inside, run_import):
    run_import(HEADER + FAMILY, dry_run=True)
    assert households() == {}


def test_a_repeat_changes_nothing(inside, run_import):
    run_import(HEADER + FAMILY)
    before = list(HouseholdMembership.objects.order_by("pk").values())
    again = run_import(HEADER + FAMILY)
    assert list(HouseholdMembership.objects.order_by("pk").values()) == before
    assert not HistoryEntry.objects.filter(batch=again.pk).exists()


def test_who_was_moved_by_hand_stays_there(inside, run_import):
    run_import(HEADER + FAMILY)
    new = domain.create_household(name="Temple")
    domain.move_member(membership=of("Samuel"), household=new)
    domain.leave_household(membership=of("Hannah"))
    run_import(HEADER + FAMILY)
    # Not even when the list says another role, or the address.
    run_import(HEADER + "Samuel,Levi,s@x.example,H1,Other,9 Temple Street,Dan\n")
    place_everybody(seconds=5)
    assert households() == {
        "The Ramah household": {"Elkanah": ("head", True)},
        "Temple": {"Samuel": ("child", True)},
    }


def test_another_role_is_noted_and_one_set_by_hand_is_kept(inside, run_import):
    run_import(HEADER + FAMILY)
    domain.change_membership(membership=of("Hannah"), role="Matriarch")
    run_import(HEADER + FAMILY.replace("Child", "Foster child"))
    assert (of("Samuel").role, of("Hannah").role) == ("Foster child", "Matriarch")


def test_another_key_moves_to_another_household(inside, run_import):
    run_import(HEADER + FAMILY)
    samuel = Member.objects.get(first_name="Samuel")
    second = domain.create_household(name="Second")
    domain.add_to_household(household=second, member=samuel)
    done = run_import(HEADER + "Samuel,Levi,s@x.example,H2,Head,,\n")
    assert households() == {
        "The Ramah household": {"Elkanah": ("head", True), "Hannah": ("spouse", True)},
        "Second": {"Samuel": ("", False)},
        "The Levi household": {"Samuel": ("head", True)},
    }
    actions = HistoryEntry.objects.filter(batch=done.pk, kind=KINDS[1]).values_list("action", flat=True)
    assert sorted(actions) == [HistoryEntry.Action.CREATE, HistoryEntry.Action.DELETE]
    # Into one that they are in already, which becomes the main one.
    Household.objects.filter(pk=second.pk).update(external_key="H3")
    run_import(HEADER + "Samuel,Levi,s@x.example,H3,Head,,\n")
    assert households()["Second"] == {"Samuel": ("head", True)}
    assert households()["The Levi household"] == {}


def test_somebody_new_joins_the_household_that_is_there(inside, run_import):
    run_import(HEADER + FAMILY)
    domain.change_household(household=Household.objects.get(), name="The priests", address={"city": "Nob"})
    run_import(HEADER + "Ichabod,Ramah,i@x.example,H1,Child,3 Far Road,Far\n")
    assert households() == {"The priests": {**RAMAHS, "Ichabod": ("child", True)}}
    assert Household.objects.get().address == {"city": "Nob"}


def test_a_family_may_span_batches(inside, run_import, monkeypatch):
    monkeypatch.setattr(running, "ROWS_IN_BATCH", 2)
    run_import(HEADER + FAMILY)
    assert households() == {"The Ramah household": RAMAHS}


def statements(run_import, families, start):
    rows = "".join(
        f"First{n},Last{n // 2},p{n}@x.example,F{n // 2},Head,1 Road,Town\n"
        for n in range(start, start + 2 * families)
    )
    with CaptureQueriesContext(connection) as captured:
        assert run_import(HEADER + rows).created == 2 * families
    return len(captured)


def test_a_batch_takes_as_many_statements_for_many_families_as_for_one(inside, run_import):
    statements(run_import, 1, 1_000)
    assert abs(statements(run_import, 1, 2_000) - statements(run_import, 200, 4_000)) <= 2


# -- People of imports from before there were households --


def stating(first_name, key="H1", role="", last_name="Ramah"):
    return create_member(first_name=first_name, last_name=last_name, household_key=key, household_role=role)


def test_who_states_a_household_is_put_into_it_within_a_day(grace, work_queue):
    with enter_church(grace):
        stating("Elkanah", role="Head"), stating("Samuel", role="Child", last_name="Levi")
        stating("Eli", key="H2", last_name="Shiloh")
        church_swept.send(sender=type(grace), church=grace)
    assert work_queue() == 1
    with enter_church(grace):
        assert households() == {
            "The Ramah household": {"Elkanah": ("head", True), "Samuel": ("child", True)},
            "The Shiloh household": {"Eli": ("", True)},
        }
        with CaptureQueriesContext(connection) as captured:
            church_swept.send(sender=type(grace), church=grace)
        assert sum("household_key" in query["sql"] for query in captured) == 1
    assert work_queue() == 0


def test_who_was_taken_out_of_every_household_is_not_put_back(inside):
    hannah = stating("Hannah")
    assert not place_everybody(seconds=5)
    domain.remove_household(household=Household.objects.get())
    change_member(member=hannah, household_key="H9")
    assert not unplaced().exists()


def test_the_work_stops_when_its_time_is_up_and_says_so(inside, monkeypatch):
    from members.households import importing

    monkeypatch.setattr(importing, "PEOPLE_IN_BATCH", 2)
    for number in range(6):
        stating(f"No{number}", key=f"H{number // 2}")
    assert place_everybody(seconds=0)
    assert Household.objects.count() in {1, 2}
    assert not place_everybody(seconds=5)
    assert (Household.objects.count(), HouseholdMembership.objects.count()) == (3, 6)
    assert not unplaced().exists()
