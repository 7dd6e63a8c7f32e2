"""Confidential details, the log of readings, and all the places where neither they nor notes may show."""

from __future__ import annotations

import logging
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from core.logs import JSONFormatter
from core.models import HistoryEntry
from core.monitoring import without_personal_data
from members.confidential import domain
from members.domain import create_member
from members.history.visibility import entries_for
from members.models import ConfidentialDetails, ConfidentialReading, MemberNote
from tenants.context import enter_church
from tenants.domain import delete_church
from tenants.models import Church
from tenants.transfer import export_church, import_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem

SECRETS = {"national_id": "123-45-6789", "health": "Asthma bronchiale", "safeguarding": "Court order 4711"}
NOTE = "Weeps at night, says Eli."
ALL = [*SECRETS.values(), NOTE]


@pytest.fixture
def hannah(grace, user):
    """Somebody of whom much is known in confidence."""
    with enter_church(grace):
        made = create_member(first_name="Hannah", last_name="Ramah", email="hannah@ramah.example")
        domain.change_details(member=made, user=user("alice"), **SECRETS)
        domain.add_note(member=made, body=NOTE, author=user("alice"), is_confidential=True)
        return made


@pytest.fixture
def details(hannah):
    return f"/api/members/{hannah.pk}/confidential"


def subjects(grace):
    with enter_church(grace):
        return [(r.subject, r.reader_name) for r in ConfidentialReading.objects.order_by("created_at")]


def test_details_are_read_by_pastors_and_each_reading_is_logged(api, details, grace):
    shown = api("alice").get(details)
    assert {name: shown.json()[name] for name in SECRETS} == SECRETS
    assert shown.json()["updated_at"]
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert subjects(grace) == [("details", "Alice")]
    for actor in ("bob", "vera"):
        assert_problem(api(actor).get(details), 403)
    assert len(subjects(grace)) == 1


def test_patch_leaves_and_put_empties_what_is_not_given(api, details, grace):
    alice = api("alice")
    assert alice.patch(details, {"health": "Well"}).json()["national_id"] == SECRETS["national_id"]
    assert alice.put(details, {"health": "Very well"}).json()["national_id"] == ""
    # What the answers show was read.
    assert len(subjects(grace)) == 2
    for actor in ("bob", "vera"):
        assert_problem(api(actor).patch(details, {"health": "x"}), 403)


def test_of_whom_nothing_is_known_nothing_is_read(api, person, grace):
    ada = f"/api/members/{person('Ada').pk}/confidential"
    nothing = {"national_id": "", "health": "", "safeguarding": "", "updated_at": None}
    assert api("alice").get(ada).json() == nothing
    assert subjects(grace) == []
    assert api("alice").patch(ada, {"health": "Well"}).json()["health"] == "Well"


def test_odd_details_are_refused_on_their_fields(api, details):
    assert_problem(api("alice").patch(details, {"health": 5}), 400, "health")
    assert_problem(api("alice").patch(details, {"health": "x" * 20_001}), 400, "health")
    assert_problem(api("alice").patch(details, {"health": None}), 400, "health")


def test_the_log_says_who_read_what_and_when(api, details, hannah):
    alice = api("alice")
    alice.get(details)
    note = alice.get(f"/api/members/{hannah.pk}/notes").json()["results"][0]
    alice.get(f"/api/members/{hannah.pk}/notes/{note['id']}")
    listed = alice.get(f"/api/members/{hannah.pk}/readings").json()
    assert [(r["subject"], r["reader_name"], r["origin"]) for r in listed["results"]] == [
        ("note", "Alice", "api"),
        ("details", "Alice", "api"),
    ]
    assert listed["results"][0]["object_id"] == note["id"]
    assert_problem(api("bob").get(f"/api/members/{hannah.pk}/readings"), 403)


def test_thirty_readings_take_as_many_queries_as_one(api, details, hannah):
    alice = api("alice")
    alice.get(details)
    address = f"/api/members/{hannah.pk}/readings"
    one = fewest_queries(lambda: alice.get(address))
    for _ in range(29):
        alice.get(details)
    assert fewest_queries(lambda: alice.get(address)) == one
    assert alice.get(address).json()["count"] == 30


def test_the_doors_to_the_details_ask_who_comes(grace, hannah, user):
    with enter_church(grace):
        for actor in ("bob", "vera"):
            with pytest.raises(PermissionDenied):
                domain.read_details(member=hannah, reader=user(actor))
            with pytest.raises(PermissionDenied):
                domain.change_details(member=hannah, user=user(actor), health="x")
        with pytest.raises(ValidationError):
            domain.change_details(member=hannah, user=user("alice"), shoe_size="9")


def test_saving_what_is_there_changes_nothing(grace, hannah, user):
    with enter_church(grace):
        before = ConfidentialDetails.objects.get(member=hannah).updated_at
        domain.change_details(member=hannah, user=user("alice"), **SECRETS)
        assert ConfidentialDetails.objects.get(member=hannah).updated_at == before


# -- Where nothing of it may show --


@pytest.mark.parametrize("actor", ["anna", "alice", "bob", "vera"])
def test_no_list_no_search_and_no_page_shows_it(api, browser_session, hannah, actor):
    client, pages = api(actor), browser_session(actor)
    answers = [
        client.get("/api/members"),
        client.get(f"/api/members/{hannah.pk}"),
        client.get(f"/api/members/{hannah.pk}/notes"),
        *(
            client.get("/api/members/search", {"q": text})
            for text in ("asthma", "weeps", "4711", "123-45-6789")
        ),
        pages.get("/admin/"),
        pages.get("/admin/members/member/"),
        pages.get("/admin/members/member/", {"q": "asthma"}),
        *(
            pages.get(f"/admin/members/member/{hannah.pk}/change/?tab={tab}")
            for tab in ("details", "notes", "confidential", "history")
        ),
    ]
    for answer in answers:
        text = answer.content.decode()
        assert not [secret for secret in ALL if secret in text]
    for answer in answers[3:7]:
        assert answer.json().get("count") == 0


def test_the_history_has_a_mark_in_its_place(grace, hannah, user):
    with enter_church(grace):
        domain.change_details(member=hannah, user=user("alice"), health="Healed of asthma")
        note = MemberNote.objects.get()
        domain.change_note(note=note, user=user("alice"), body="Laughs again.")
        domain.remove_note(note=note, user=user("alice"))
        told = str(list(HistoryEntry.objects.values()))
    assert "[hidden]" in told
    for secret in [*ALL, "Healed", "Laughs"]:
        assert secret not in told


def test_who_may_not_know_of_it_finds_no_trace_in_the_history(grace, hannah, user):
    with enter_church(grace):
        plain = domain.add_note(member=hannah, body="Moved.", author=user("bob"))

        def kinds(actor):
            seen = entries_for(user(actor), hannah.pk)
            return sorted((entry.kind, entry.object_pk) for entry in seen if entry.object_pk != hannah.pk)

        assert kinds("bob") == [("members.membernote", plain.pk)]
        assert len(kinds("alice")) == 3


def test_log_lines_and_error_reports_lack_it(api, details, hannah, caplog):
    with caplog.at_level(logging.DEBUG):
        alice = api("alice")
        alice.get(details)
        alice.patch(details, {"health": "x" * 20_001, "safeguarding": SECRETS["safeguarding"]})
        alice.post(f"/api/members/{hannah.pk}/notes", {"body": NOTE, "is_confidential": "yes"})
    assert not [secret for secret in ALL if secret in caplog.text]
    record = logging.LogRecord("x", logging.INFO, "x", 1, "said", None, None)
    record.__dict__.update(**SECRETS, note={"body": NOTE}, body=NOTE, snapshot=NOTE)
    line = JSONFormatter().format(record)
    assert not [secret for secret in ALL if secret in line]
    assert NOTE not in without_personal_data(f"refused: '{NOTE}'")


def test_its_rows_name_themselves_without_it(grace, hannah):
    with enter_church(grace):
        rows = [*MemberNote.objects.all(), *ConfidentialDetails.objects.all()]
        said = " ".join(f"{row} {row!r}" for row in rows)
    assert not [secret for secret in ALL if secret in said]


def test_an_answer_that_is_kept_for_a_repeat_lies_encrypted(api, hannah, grace, settings):
    from django.db import connection

    body = {"body": NOTE}
    api("alice").post(f"/api/members/{hannah.pk}/notes", body, headers={"Idempotency-Key": "k"})
    with enter_church(grace), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM idempotency_keys")
        assert NOTE not in str(cursor.fetchall())


# -- Keys and moving --


def test_a_new_key_reaches_notes_details_and_merges(grace, user, settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    with enter_church(grace):
        member = create_member(first_name="Hannah", last_name="Ramah")
        domain.add_note(member=member, body=NOTE, author=user("alice"), is_confidential=True)
        domain.change_details(member=member, user=user("alice"), **SECRETS)
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    out = StringIO()
    call_command("rotate_field_keys", stdout=out)
    assert "grace: 4" in out.getvalue()
    settings.FIELD_ENCRYPTION_KEYS = [new]
    with enter_church(grace):
        assert MemberNote.objects.get().body == NOTE
        assert domain.read_details(member=member, reader=user("alice")) == SECRETS


def test_a_church_takes_its_notes_along(own_database, tmp_path):
    from accounts.models import User

    grace = Church.objects.get(subdomain="grace")
    with enter_church(grace):
        alice = User.objects.get(email="alice@grace.example")
        member = create_member(first_name="Hannah", last_name="Ramah")
        domain.add_note(member=member, body=NOTE, author=alice, is_confidential=True)
        domain.change_details(member=member, user=alice, **SECRETS)
        domain.read_details(member=member, reader=alice)
    path = tmp_path / "grace.zip"
    export_church(church=grace, path=path, report=lambda line: None)
    assert NOTE.encode() not in path.read_bytes()
    delete_church(church=grace)
    back = import_church(path=path, subdomain=None, report=lambda line: None)
    with enter_church(back):
        assert MemberNote.objects.get().body == NOTE
        assert ConfidentialDetails.objects.get().health == SECRETS["health"]
        assert ConfidentialReading.objects.get().reader_name == "Alice"
