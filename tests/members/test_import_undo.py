"""Taking a whole import back, and what is spared because somebody has changed it since."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection
from django.utils import timezone

from core.models import HistoryEntry
from members import signals
from members.domain import add_tags, change_member, create_member, remove_member
from members.importing import undo
from members.importing.domain import NotPossibleError, start_import
from members.importing.running import work_unfinished
from members.merging.domain import merge_members
from members.models import Household, HouseholdMembership, Member, MemberImport, MemberNote
from members.tasks import undo_imports
from tenants.context import enter_church
from tenants.models import Church
from tests.services import wait_until

FIRST = (
    "first_name,last_name,email,city,tags,baptized_date\n"
    "Ruth,Moab,ruth@moab.example,Moab,Choir,2001-02-03\n"
    "Boaz,Ephrath,boaz@ephrath.example,Bethlehem,,\n"
)
SECOND = (
    "first_name,last_name,email,city,state,tags,phone\n"
    "Ruth,Moab,ruth@moab.example,Bethlehem,Judah,Youth,+12175550123\n"
    "Naomi,Moab,naomi@moab.example,Moab,,,\n"
)


def everything(church):
    with enter_church(church):
        return {
            member["id"]: {name: value for name, value in member.items() if name != "updated_at"}
            for member in Member.objects.values()
        }


@pytest.fixture
def undone(grace, work_queue, user):
    """``undone(done)``: the import after it was undone by Bob."""

    def take_back(done):
        with enter_church(grace):
            undo.ask_for_undo(member_import=done, user=user("bob"))
        work_queue()
        with enter_church(grace):
            return MemberImport.objects.get(pk=done.pk)

    return take_back


def rows_of(church, member_import):
    with enter_church(church):
        return {row.row: row for row in member_import.rows.all()}


def test_an_undone_import_leaves_everything_as_it_was(grace, run_import, undone):
    before = everything(grace)
    first = run_import(FIRST)
    between = everything(grace)
    second = run_import(SECOND)
    assert (second.created, second.updated) == (1, 1)
    done = undone(second)
    assert (done.spared, done.is_being_undone) == (0, False)
    assert everything(grace) == between
    undone(first)
    assert everything(grace) == before
    assert [row.undone for row in rows_of(grace, second).values()] == ["restored", "removed"]


def test_an_undo_is_in_the_history_of_the_people(grace, run_import, undone):
    done = undone(run_import(FIRST))
    with enter_church(grace):
        entries = HistoryEntry.objects.filter(batch=done.pk, action=HistoryEntry.Action.DELETE)
        assert {(e.object_repr, e.actor_name, e.origin) for e in entries} == {
            ("Ruth Moab", "Bob", "import"),
            ("Boaz Ephrath", "Bob", "import"),
        }


def test_what_was_changed_since_is_spared_with_its_reason(grace, run_import, undone, person):
    run_import(FIRST)
    second = run_import(SECOND)
    with enter_church(grace):
        change_member(
            member=person("Ruth"), phone="+12175550199", address={"city": "Jericho", "state": "Judah"}
        )
        change_member(member=person("Naomi"), nickname="Mara")
    done = undone(second)
    assert done.spared == 2
    ruth, naomi = person("Ruth"), person("Naomi")
    assert (ruth.phone, ruth.address, ruth.tags) == ("+12175550199", {"city": "Jericho"}, ["Choir"])
    assert naomi.nickname == "Mara"
    rows = rows_of(grace, done)
    assert rows[2].undone == "restored"
    assert {reason["field"] for reason in rows[2].spared} == {"phone", "address.city"}
    assert rows[3].undone == "spared"
    assert rows[3].spared == [{"field": "nickname", "message": "Changed since."}]


def test_tags_that_were_given_since_stay_and_those_of_the_import_go(grace, run_import, undone, person):
    run_import(FIRST)
    second = run_import(SECOND)
    with enter_church(grace):
        add_tags(member_ids=[person("Ruth").pk], tags=["Elder"])
    assert undone(second).spared == 0
    assert person("Ruth").tags == ["Choir", "Elder"]


def test_people_to_whom_something_was_added_are_spared(grace, run_import, undone, person, user):
    done = run_import(FIRST + "Orpah,Moab,orpah@moab.example,Moab,,\n")
    with enter_church(grace):
        MemberNote.objects.create(member=person("Ruth"), body="Asks for a visit", author=user("bob"))
        household = Household.objects.create(name="Ephrath")
        HouseholdMembership.objects.create(household=household, member=person("Boaz"))
    done = undone(done)
    assert done.spared == 2
    rows = rows_of(grace, done)
    assert rows[2].spared == [{"field": "", "message": "Added since: Note."}]
    assert rows[3].spared == [{"field": "", "message": "Added since: Household."}]
    assert rows[4].undone == "removed"
    assert (person("Ruth").pk, person("Boaz").pk) == (rows[2].member_id, rows[3].member_id)


def make_household(done, *people):
    """A household as an import makes it, with its name in the history."""
    from core.history import not_recorded, record_created

    with not_recorded():
        household = Household.objects.create(name="Moab")
        memberships = [HouseholdMembership.objects.create(household=household, member=one) for one in people]
    record_created([household, *memberships], batch=done.pk)
    return household


def test_households_that_the_import_made_go_when_nobody_is_left_in_them(grace, run_import, undone, person):
    done = run_import(FIRST)
    with enter_church(grace):
        make_household(done, person("Ruth"), person("Boaz"))
    assert undone(done).spared == 0
    with enter_church(grace):
        assert not Household.objects.exists()
        assert not Member.objects.filter(first_name__in=["Ruth", "Boaz"]).exists()
        entries = HistoryEntry.objects.filter(batch=done.pk, action=HistoryEntry.Action.DELETE)
        assert sorted(entries.values_list("kind", flat=True)) == [
            *["members.household"],
            *["members.householdmembership"] * 2,
            *["members.member"] * 2,
        ]


def test_somebody_who_was_there_leaves_the_household_of_the_import(grace, run_import, undone, person):
    with enter_church(grace):
        old = Household.objects.create(name="Old")
        HouseholdMembership.objects.create(household=old, member=person("Ada"), is_primary=False)
    done = run_import(FIRST + "Ada,Lovelace,lovelace@grace.example,Moab,,\n")
    with enter_church(grace):
        make_household(done, person("Ada"))
        undone(done)
        assert list(Household.objects.all()) == [old]
        assert person("Ada").household_memberships.get().is_primary is True
        assert person("Ada").address == {}


def test_a_household_that_was_renamed_since_stays(grace, run_import, undone, person):
    done = run_import(FIRST)
    with enter_church(grace):
        household = make_household(done, person("Ruth"))
        household.name = "House of bread"
        household.save()
    undone(done)
    with enter_church(grace):
        assert Household.objects.get().name == "House of bread"


def test_whoever_was_deleted_meanwhile_is_no_obstacle(grace, run_import, undone, person):
    done = run_import(FIRST)
    with enter_church(grace):
        remove_member(member=person("Ruth"))
    done = undone(done)
    assert [row.undone for row in rows_of(grace, done).values()] == ["gone", "removed"]


def test_a_new_person_of_whom_a_later_batch_said_more_goes_too(grace, run_import, undone, monkeypatch):
    from members.importing import running

    monkeypatch.setattr(running, "ROWS_IN_BATCH", 1)
    monkeypatch.setattr(undo, "ROWS_IN_BATCH", 1)
    before = everything(grace)
    done = run_import(
        "first_name,last_name,email,external_key,city\n"
        "Ruth,Moab,ruth@moab.example,,\n"
        "Boaz,Ephrath,b@e.example,,Bethlehem\n"
        "Ruth,Moab,ruth@moab.example,7,Moab\n"
    )
    assert done.created == 2
    undone(done)
    assert everything(grace) == before


def test_a_key_that_somebody_else_has_now_is_not_given_back(grace, run_import, undone, person):
    with enter_church(grace):
        ada = person("Ada")
        change_member(member=ada, external_key="1")
    done = run_import(f"ChurchSaaS ID,first_name,last_name,external_key\n{ada.pk},Ada,Lovelace,2\n")
    assert person("Ada").external_key == "2"
    with enter_church(grace):
        create_member(first_name="Other", last_name="One", external_key="1")
    assert undone(done).spared == 1
    assert person("Ada").external_key == "2"


def test_asking_twice_undoes_once(grace, run_import, undone, person):
    run_import(FIRST)
    done = undone(run_import(SECOND))
    with enter_church(grace):
        change_member(member=person("Ruth"), phone="+12175550123")
        entries = HistoryEntry.objects.count()
    again = undone(done)
    assert again.undone_at == done.undone_at
    assert person("Ruth").phone == "+12175550123"
    with enter_church(grace):
        assert HistoryEntry.objects.count() == entries


def test_what_cannot_be_undone(grace, run_import, work_queue):
    trial = run_import(FIRST, dry_run=True)
    old = run_import(FIRST)
    with enter_church(grace):
        waiting = start_import(content=FIRST.encode(), file_name="people.csv")
        MemberImport.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=91))
        for refused in (trial, old, waiting):
            with pytest.raises(NotPossibleError):
                undo.ask_for_undo(member_import=refused)


def test_an_undo_goes_on_where_it_was_cut_off(grace, run_import, work_queue, monkeypatch):
    before = everything(grace)
    lines = "".join(f"First{n},Last{n},p{n}@x.example\n" for n in range(30))
    done = run_import(f"first_name,last_name,email\n{lines}")
    monkeypatch.setattr(undo, "ROWS_IN_BATCH", 10)
    real, calls = undo.take_back, []

    def cut_off(member_import, rows):
        real(member_import, rows)
        calls.append(len(rows))
        if len(calls) == 2:
            raise SystemExit

    monkeypatch.setattr(undo, "take_back", cut_off)
    with enter_church(grace):
        undo.ask_for_undo(member_import=done)
    with pytest.raises(SystemExit):
        work_queue()
    with enter_church(grace):
        # The first batch is done and the second, cut off in the middle, is not.
        assert done.rows.filter(undone="removed").count() == 10
        assert Member.objects.filter(email__endswith="@x.example").count() == 20
        undo.take_up_undos()
    work_queue()
    assert everything(grace) == before
    assert calls == [10, 10, 10, 10]


@pytest.mark.slow
def test_a_killed_worker_leaves_whole_batches_and_another_goes_on(own_database, worker):
    church = Church.objects.get(subdomain="grace")
    before = everything(church)
    lines = "".join(f"First{n},Last{n % 97},p{n}@x.example\n" for n in range(2000))
    with enter_church(church):
        content = f"first_name,last_name,email\n{lines}".encode()
        started = start_import(content=content, file_name="people.csv")
        assert not work_unfinished(seconds=600)
        undo.ask_for_undo(member_import=started)
    environment = {"WORKER_PROCESSES": "1", "JOB_TIMEOUT": "5"}

    def undone():
        with enter_church(church):
            return started.rows.exclude(undone="").count()

    server = worker(own_database, environment=environment)
    wait_until(lambda: undone() >= 500, what="a batch")
    server.kill()
    cut = undone()
    assert 500 <= cut < 2000
    assert cut % undo.ROWS_IN_BATCH == 0
    with enter_church(church):
        assert Member.objects.filter(email__endswith="@x.example").count() == 2000 - cut
        assert MemberImport.objects.get().is_being_undone
    # The lost job is handed out again by itself after three times JOB_TIMEOUT.
    worker(own_database, environment=environment)
    wait_until(lambda: undone() == 2000, seconds=120, what="the rest")
    wait_until(lambda: everything(church) == before, what="the end")


@pytest.mark.slow
def test_a_second_worker_keeps_its_hands_off(own_database):
    church = Church.objects.get(subdomain="grace")
    with enter_church(church):
        started = start_import(content=FIRST.encode(), file_name="people.csv")
        work_unfinished(seconds=60)
        undo.ask_for_undo(member_import=started)
    inside, go_on = Event(), Event()
    removed = []

    def wait(*, member, **_event):
        removed.append(member.email)
        inside.set()
        assert go_on.wait(20)

    def first_worker():
        try:
            undo_imports(church_id=str(church.pk))
        finally:
            connection.close()

    signals.member_removed.connect(wait)
    try:
        thread = Thread(target=first_worker)
        thread.start()
        assert inside.wait(20)
        undo_imports(church_id=str(church.pk))
        assert len(removed) == 1
        go_on.set()
        thread.join()
    finally:
        signals.member_removed.disconnect(wait)
    assert sorted(removed) == ["boaz@ephrath.example", "ruth@moab.example"]
    with enter_church(church):
        assert MemberImport.objects.get().undone_at is not None


def test_over_the_api(api, run_import, work_queue):
    bob = api("bob")
    done = run_import(FIRST)
    url = f"/api/members/imports/{done.pk}"
    assert bob.get(url).json()["undo"] is None
    answer = bob.post(f"{url}/undo")
    assert (answer.status_code, answer.json()["url"]) == (202, url)
    assert bob.get(url).json()["undo"]["status"] == "running"
    assert bob.post(f"{url}/undo").status_code == 202
    work_queue()
    undone = bob.get(url).json()["undo"]
    assert (undone["status"], undone["removed"], undone["spared"], undone["remaining"]) == ("done", 2, 0, 0)
    assert {row["undone"] for row in bob.get(f"{url}/rows").json()["results"]} == {"removed"}
    trial = run_import(FIRST, dry_run=True)
    assert bob.post(f"/api/members/imports/{trial.pk}/undo").status_code == 409


def test_who_was_there_before_is_not_removed_because_a_new_entry_went_into_them(
    run_import, undone, grace, user
):
    """The rows of somebody who was merged name whoever stayed, who may look just as the file says."""
    with enter_church(grace):
        old = create_member(first_name="Ruth", last_name="Moab", email="ruth@moab.example")
    done = run_import(
        "first_name,last_name,email\nRuth,Moab,ruth2@moab.example\nRuth,Moab,ruth@moab.example\n"
    )
    with enter_church(grace):
        new = Member.objects.get(email="ruth2@moab.example")
        merge_members(survivor=old, absorbed=new, user=user("anna"))
    undone(done)
    with enter_church(grace):
        assert Member.objects.get(last_name="Moab").pk == old.pk
    row = rows_of(grace, done)[2]
    assert (row.undone, row.spared[0]["message"]) == ("spared", "Merged with somebody since.")
