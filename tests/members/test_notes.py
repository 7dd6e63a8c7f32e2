"""Notes over the API and through their doors: who reads, writes, changes and removes what."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from members.confidential import domain
from members.domain import create_member, remove_member
from members.models import ConfidentialReading, Member, MemberNote
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem

SECRET = "Weeps at night, says Eli."


@pytest.fixture
def hannah(grace):
    with enter_church(grace):
        return create_member(first_name="Hannah", last_name="Ramah")


@pytest.fixture
def notes(hannah):
    return f"/api/members/{hannah.pk}/notes"


def add(client, notes, body="Moved house.", **more):
    answer = client.post(notes, {"body": body, **more})
    assert answer.status_code == 201, answer.content
    return answer.json()


def readings(grace):
    with enter_church(grace):
        return list(ConfidentialReading.objects.order_by("created_at"))


def test_a_note_is_written_read_changed_and_removed(api, notes, user):
    bob = api("bob")
    made = add(bob, notes, "  Moved house.\r\nNew phone.  ")
    assert made["body"] == "Moved house.\nNew phone."
    assert made["is_confidential"] is False
    assert (made["author"], made["author_name"]) == (str(user("bob").pk), "Bob")
    one = f"{notes}/{made['id']}"
    assert bob.get(one).json() == made
    assert bob.patch(one, {"body": "Moved."}).json()["body"] == "Moved."
    assert bob.put(one, {"body": "Moved away."}).json()["body"] == "Moved away."
    assert bob.get(notes).json()["results"][0]["body"] == "Moved away."
    assert bob.delete(one).status_code == 204
    assert bob.get(notes).json()["count"] == 0


def test_the_newest_note_comes_first(api, notes):
    for number in range(3):
        add(api("bob"), notes, f"Note {number}")
    bodies = [note["body"] for note in api("bob").get(notes).json()["results"]]
    assert bodies == ["Note 2", "Note 1", "Note 0"]
    bodies = [note["body"] for note in api("bob").get(f"{notes}?ordering=created_at").json()["results"]]
    assert bodies == ["Note 0", "Note 1", "Note 2"]


def test_a_volunteer_has_no_part_in_notes(api, notes):
    made = add(api("bob"), notes)
    vera = api("vera")
    for answer in (
        vera.get(notes),
        vera.get(f"{notes}/{made['id']}"),
        vera.post(notes, {"body": "x"}),
        vera.patch(f"{notes}/{made['id']}", {"body": "x"}),
        vera.delete(f"{notes}/{made['id']}"),
    ):
        assert_problem(answer, 403)


def test_a_confidential_note_does_not_exist_for_staff(api, notes):
    made = add(api("alice"), notes, SECRET, is_confidential=True)
    add(api("alice"), notes)
    bob = api("bob")
    listed = bob.get(notes).json()
    assert listed["count"] == len(listed["results"]) == 1
    absent = bob.get(f"{notes}/{uuid.uuid4()}").content
    one = f"{notes}/{made['id']}"
    for answer in (bob.get(one), bob.patch(one, {"body": "x"}), bob.put(one, {"body": "x"}), bob.delete(one)):
        assert_problem(answer, 404)
        assert answer.content == absent
    assert api("alice").get(notes).json()["count"] == 2


def test_a_confidential_text_is_shown_to_who_asks_for_it_alone_and_each_time_is_logged(
    api, notes, grace, user
):
    alice = api("alice")
    made = add(alice, notes, SECRET, is_confidential=True)
    assert made["body"] is None
    assert alice.get(notes).json()["results"][0]["body"] is None
    assert readings(grace) == []
    one = f"{notes}/{made['id']}"
    assert alice.get(one).json()["body"] == SECRET
    assert api("anna").get(one).json()["body"] == SECRET
    first, second = readings(grace)
    assert (first.reader_id, first.reader_name, first.subject, str(first.object_id), first.origin) == (
        user("alice").pk, "Alice", "note", made["id"], "api",
    )  # fmt: skip
    assert second.reader_name == "Anna"
    changed = alice.patch(one, {"body": "Laughs again."})
    assert changed.json()["body"] is None
    assert len(readings(grace)) == 2


def test_a_confidential_note_that_is_opened_to_all_was_read(api, notes, grace):
    made = add(api("alice"), notes, SECRET, is_confidential=True)
    opened = api("alice").patch(f"{notes}/{made['id']}", {"is_confidential": False})
    assert opened.json()["body"] == SECRET
    assert len(readings(grace)) == 1
    assert api("bob").get(notes).json()["count"] == 1


def test_putting_a_text_does_not_open_a_confidential_note(api, notes):
    made = add(api("alice"), notes, SECRET, is_confidential=True)
    assert api("alice").put(f"{notes}/{made['id']}", {"body": "Other"}).json()["is_confidential"] is True


def test_staff_cannot_make_a_note_confidential(api, notes, grace):
    assert_problem(api("bob").post(notes, {"body": "x", "is_confidential": True}), 403)
    made = add(api("bob"), notes)
    assert_problem(api("bob").patch(f"{notes}/{made['id']}", {"is_confidential": True}), 403)
    with enter_church(grace):
        assert list(MemberNote.objects.values_list("is_confidential", flat=True)) == [False]


def test_a_note_is_changed_by_its_author_or_a_pastor_and_by_nobody_else(api, notes, grace, user):
    of_alice = f"{notes}/{add(api('alice'), notes)['id']}"
    of_bob = f"{notes}/{add(api('bob'), notes)['id']}"
    assert_problem(api("bob").patch(of_alice, {"body": "x"}), 403)
    assert_problem(api("bob").delete(of_alice), 403)
    assert api("alice").patch(of_bob, {"body": "x"}).status_code == 200
    assert api("anna").delete(of_alice).status_code == 204
    with enter_church(grace):
        user("bob").delete()
    assert api("alice").get(notes).json()["results"][0]["author"] is None


def test_what_is_no_note_is_refused(api, notes):
    bob = api("bob")
    assert_problem(bob.post(notes, {"body": " \n "}), 400, "body")
    assert_problem(bob.post(notes, {}), 400, "body")
    assert_problem(bob.post(notes, {"body": "x" * 20_001}), 400, "body")
    assert_problem(bob.post(notes, {"body": "x", "is_confidential": "yes"}), 400, "is_confidential")
    assert_problem(bob.post(f"/api/members/{uuid.uuid4()}/notes", {"body": "x"}), 404)


def test_a_note_is_found_below_its_own_person_only(api, notes, person):
    made = add(api("bob"), notes)
    assert_problem(api("bob").get(f"/api/members/{person('Ada').pk}/notes/{made['id']}"), 404)


def test_the_same_key_makes_one_note(api, notes, grace):
    bob = api("bob")
    answers = [
        bob.post(notes, {"body": "x"}, headers={"Idempotency-Key": "once"}).json()["id"] for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert bob.get(notes).json()["count"] == 1


def test_thirty_notes_take_as_many_queries_as_one(api, notes):
    alice = api("alice")
    add(alice, notes, SECRET, is_confidential=True)
    one = fewest_queries(lambda: alice.get(notes))
    for _ in range(29):
        add(api("bob"), notes)
    assert fewest_queries(lambda: alice.get(notes)) == one
    assert alice.get(notes).json()["count"] == 30


def test_notes_of_somebody_who_is_gone_are_gone(grace, hannah, api, notes):
    add(api("bob"), notes)
    with enter_church(grace):
        remove_member(member=Member.objects.get(pk=hannah.pk))
        assert MemberNote.objects.count() == 0
    assert_problem(api("bob").get(notes), 404)


def test_the_doors_ask_who_comes(grace, hannah, user):
    with enter_church(grace):
        with pytest.raises(PermissionDenied):
            domain.add_note(member=hannah, body="x", author=user("vera"))
        with pytest.raises(PermissionDenied):
            domain.add_note(member=hannah, body="x", author=user("bob"), is_confidential=True)
        note = domain.add_note(member=hannah, body=SECRET, author=user("alice"), is_confidential=True)
        with pytest.raises(PermissionDenied):
            domain.read_confidential_note(note=note, reader=user("bob"))
        with pytest.raises(PermissionDenied):
            domain.change_note(note=note, user=user("bob"), body="x")
        with pytest.raises(PermissionDenied):
            domain.remove_note(note=note, user=user("bob"))
        with pytest.raises(ValidationError):
            domain.change_note(note=note, user=user("alice"), author=user("bob"))
        with pytest.raises(ValidationError):
            domain.add_note(member=hannah, body="a\x00b", author=user("bob"))
        assert ConfidentialReading.objects.count() == 0


def test_an_author_who_is_no_pastor_any_more_loses_confidential_notes(grace, hannah, user):
    with enter_church(grace):
        alice = user("alice")
        note = domain.add_note(member=hannah, body=SECRET, author=alice, is_confidential=True)
        alice.role = "staff"
        alice.save()
        with pytest.raises(PermissionDenied):
            domain.change_note(note=note, user=alice, body="x")


def test_a_reading_that_fails_leaves_neither_text_nor_line(grace, hannah, user, monkeypatch):
    with enter_church(grace):
        note = domain.add_note(member=hannah, body=SECRET, author=user("alice"), is_confidential=True)

        def broken(*given):
            raise RuntimeError

        monkeypatch.setattr(domain, "_log", broken)
        with pytest.raises(RuntimeError):
            domain.read_confidential_note(note=note, reader=user("alice"))


def test_a_note_lies_encrypted(grace, hannah, user):
    with enter_church(grace):
        domain.add_note(member=hannah, body="Moved house.", author=user("bob"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT body FROM member_notes")
            (stored,) = cursor.fetchone()
    assert "Moved" not in stored
    assert stored.startswith("gAAAA")
