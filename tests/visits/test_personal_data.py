"""What is told of a person's visits, what stays after an erasure, and what the history knows."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from core.models import HistoryEntry
from members.care import links_to, moments_of
from members.domain import create_member
from members.models import ConfidentialReading
from members.personal_data.domain import erase_member, personal_data_of
from tests.visits.conftest import at
from visits import domain
from visits.models import Visit, VisitReport
from visits.reports import read_report, write_report

SECRET = "Weeps at night, says Eli."


@pytest.fixture
def ruth(in_grace):
    return create_member(first_name="Ruth", last_name="Moab", email="ruth@moab.example")


@pytest.fixture
def done(book, ruth, user):
    visit = book(at(-2), member=ruth, location="Bethlehem Road 1", notes="Gleans late")
    return domain.complete_visit(visit=visit, user=user("alice"), report=SECRET, follow_up_on=at(4).date())


def test_everything_about_a_person_tells_of_visits_with_the_report(done, ruth, user):
    told = personal_data_of(member=ruth, user=user("anna"))
    (row,) = next(part["rows"] for part in told["sections"] if part["key"] == "visits")
    assert (row["location"], row["report"], row["status"]) == ("Bethlehem Road 1", SECRET, "completed")
    assert row["assigned_pastor_id"] == "Alice"


def test_an_erasure_leaves_that_there_was_a_visit_and_nothing_else(done, ruth, user, book):
    planned = book(at(3), member=ruth, location="Bethlehem Road 1")
    guest = book(at(5), visitor_name="ruth moab", location="The gate")
    by_mail = book(at(6), visitor_name="R.", visitor_email="RUTH@moab.example")
    other = book(at(7), location="Elsewhere")
    erase_member(member_id=ruth.pk, user=user("anna"), reason="Asked for it.")
    kept = {visit.pk: visit for visit in Visit.objects.all()}
    for visit in (done, planned, guest, by_mail):
        left = kept[visit.pk]
        texts = (left.location, left.notes, left.visitor_email, left.visitor_phone, left.timezone)
        assert texts == ("",) * 5
        assert left.visitor_name in {"", "Erased person"}
        assert left.follow_up_on is None
    assert (kept[done.pk].status, kept[planned.pk].status) == ("completed", "cancelled")
    assert kept[planned.pk].remind_at is None
    assert kept[other.pk].location == "Elsewhere"
    assert not VisitReport.objects.exists()
    entries = str(
        list(HistoryEntry.objects.filter(kind__startswith="visits.").values("changes", "object_repr"))
    )
    assert "Elsewhere" in entries
    for word in ("Bethlehem", "Gleans", "ruth", "gate", "moab"):
        assert word not in entries
    # The time is somebody else's now.
    book(at(3))


def test_a_report_lies_encrypted_and_is_nowhere_else(done, user):
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM visit_reports")
        assert cursor.fetchone()[0].startswith("gAAAA")
    assert SECRET not in str(list(HistoryEntry.objects.values("changes", "object_repr")))
    assert SECRET not in f"{done} {done.report}"


def test_who_may_not_read_reports_neither_reads_nor_writes_one(done, user):
    for door in (
        lambda: read_report(visit=done, reader=user("bob")),
        lambda: write_report(visit=done, user=user("bob"), body="x"),
    ):
        with pytest.raises(PermissionDenied):
            door()
    assert not ConfidentialReading.objects.exists()
    assert VisitReport.objects.get().body == SECRET


def test_the_history_of_a_person_tells_of_their_visits(done, ruth):
    entries = HistoryEntry.objects.filter(about=ruth.pk, kind="visits.visit").order_by("timestamp")
    made, completed = entries
    assert made.changes["location"] == [None, "Bethlehem Road 1"]
    assert completed.changes["status"] == ["scheduled", "completed"]
    assert not {"occupied", "remind_at", "sequence"} & (made.changes.keys() | completed.changes.keys())


def test_the_care_for_a_person_shows_visits_to_whoever_may_see_them(done, ruth, user, book):
    domain.reschedule_visit(visit=book(at(3), member=ruth), user=user("bob"), scheduled_datetime=at(4))

    def seen(actor):
        moments = moments_of(user=user(actor), member=ruth, before=at(9), count=9, only="visits")
        return [(moment.title, "There is a care report." in moment.text) for _source, moment in moments]

    assert seen("alice") == [("Pastoral visit (Planned)", False), ("Pastoral visit (Done)", True)]
    assert [has_report for _title, has_report in seen("bob")] == [False, False]
    assert seen("vera") == []


def test_what_came_from_a_request_is_found_by_it(book, user, in_grace):
    request = uuid.uuid4()
    visit = book(at(3), origin_kind="prayer_request", origin_id=request)
    (link,) = links_to(user=user("bob"), kind="prayer_request", identifier=request)
    assert link.url == f"/admin/visits/visit/{visit.pk}/change/"
    assert links_to(user=user("vera"), kind="prayer_request", identifier=request) == []
