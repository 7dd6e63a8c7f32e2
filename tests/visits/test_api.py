"""Visits over the API."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from members.models import ConfidentialReading, Member
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem
from tests.visits.conftest import at
from visits.api import VisitSerializer
from visits.calendars import change_calendar
from visits.models import Visit, VisitReport

VISITS = "/api/visits"
SECRET = "Weeps at night, says Eli."


@pytest.fixture
def bob(api):
    return api("bob")


@pytest.fixture
def ada(grace):
    with enter_church(grace):
        return Member.objects.get(last_name="Lovelace")


def free_instead(answer):
    """The free times that a conflict offers."""
    assert answer.status_code == 409, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "alternatives"}
    assert len(problem["alternatives"]) == 3
    return problem["alternatives"]


def one(visit, verb=""):
    return f"{VISITS}/{visit if isinstance(visit, str) else visit.pk}{verb and '/'}{verb}"


def test_a_visit_is_planned_read_changed_and_deleted(bob, api, ada, user):
    body = {
        "member_id": str(ada.pk), "visit_type": "hospital", "scheduled_datetime": at(3).isoformat(),
        "duration_minutes": 45, "location": "Ward 3", "notes": "Bring the\nhymn book.",
        "assigned_pastor": str(user("alice").pk), "follow_up_on": "2030-01-02", "timezone": "Europe/Berlin",
        "origin_kind": "visit", "origin_id": "00000000-0000-4000-8000-000000000001",
    }  # fmt: skip
    made = bob.post(VISITS, body, format="json")
    assert made.status_code == 201, made.json()
    visit = made.json()
    assert datetime.fromisoformat(visit["scheduled_datetime"]) == at(3)
    assert {name: visit[name] for name in body if name != "scheduled_datetime"} == {
        name: value for name, value in body.items() if name != "scheduled_datetime"
    }
    assert visit["status"] == "scheduled"
    assert visit["created_by"] == str(user("bob").pk)
    assert "outside_hours" not in visit
    assert bob.get(one(visit["id"])).json() == visit
    changed = bob.patch(one(visit["id"]), {"location": "Ward 4"}, format="json")
    assert changed.json()["location"] == "Ward 4"
    put = {"visitor_name": "Zacchaeus", "visit_type": "coffee", "scheduled_datetime": at(4).isoformat()}
    assert bob.put(one(visit["id"]), put, format="json").json()["visit_type"] == "coffee"
    assert_problem(bob.delete(one(visit["id"])), 403)
    assert api("alice").delete(one(visit["id"])).status_code == 204
    assert_problem(bob.get(one(visit["id"])), 404)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scheduled_datetime": None}, "scheduled_datetime"),
        ({"scheduled_datetime": "2026-05-01T10:00:00"}, "scheduled_datetime"),
        ({"scheduled_datetime": "0001-01-01T00:00:00+14:00"}, "scheduled_datetime"),
        ({"scheduled_datetime": "9999-12-31T23:59:59-12:00"}, "scheduled_datetime"),
        ({"visitor_name": ""}, "visitor_name"),
        ({"visitor_email": "nobody"}, "visitor_email"),
        ({"visitor_phone": "12"}, "visitor_phone"),
        ({"duration_minutes": 4}, "duration_minutes"),
        ({"duration_minutes": 481}, "duration_minutes"),
        ({"duration_minutes": "60"}, "duration_minutes"),
        ({"visit_type": ""}, "visit_type"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"member_id": "00000000-0000-4000-8000-000000000000"}, "member_id"),
        ({"assigned_pastor": "00000000-0000-4000-8000-000000000000"}, "assigned_pastor"),
        ({"origin_kind": "prayer_request"}, "origin_id"),
        ({"origin_kind": "Prayer!", "origin_id": "00000000-0000-4000-8000-000000000000"}, "origin_kind"),
        ({"follow_up_on": "2026-02-30"}, "follow_up_on"),
    ],
)
def test_what_makes_no_sense_is_named(bob, changes, field):
    body = {"visitor_name": "Zacchaeus", "visit_type": "home", "scheduled_datetime": at(3).isoformat()}
    assert_problem(bob.post(VISITS, {**body, **changes}, format="json"), 400, field)


def test_a_volunteer_makes_no_visits(bob, user):
    body = {
        "visitor_name": "Zacchaeus", "visit_type": "home", "scheduled_datetime": at(3).isoformat(),
        "assigned_pastor": str(user("vera").pk),
    }  # fmt: skip
    assert_problem(bob.post(VISITS, body, format="json"), 400, "assigned_pastor")


def test_a_booked_pastor_is_a_conflict_with_three_free_times(bob, book, user):
    book(at(3))
    body = {
        "visitor_name": "Nicodemus", "visit_type": "home", "scheduled_datetime": at(3).isoformat(),
        "assigned_pastor": str(user("alice").pk),
    }  # fmt: skip
    alternatives = free_instead(bob.post(VISITS, body, format="json"))
    again = {**body, "scheduled_datetime": alternatives[0]}
    assert bob.post(VISITS, again, format="json").status_code == 201


def test_rescheduling_makes_a_new_visit_that_names_the_old_one(bob, book):
    visit = book(at(3), location="Jericho")
    book(at(4, "10:30"))
    taken = bob.post(one(visit, "reschedule"), {"scheduled_datetime": at(4).isoformat()}, format="json")
    free_instead(taken)
    moved = bob.post(one(visit, "reschedule"), {"scheduled_datetime": at(5).isoformat()}, format="json")
    assert moved.status_code == 201, moved.json()
    assert moved.json()["rescheduled_from"] == str(visit.pk)
    assert (moved.json()["status"], moved.json()["location"]) == ("scheduled", "Jericho")
    assert bob.get(one(visit)).json()["status"] == "rescheduled"
    again = bob.post(one(visit, "reschedule"), {"scheduled_datetime": at(6).isoformat()}, format="json")
    assert_problem(again, 400, "status")
    assert_problem(bob.patch(one(visit), {"location": "x"}, format="json"), 400, "status")


def test_outside_of_the_hours_is_refused_unless_said(bob, user, grace):
    with enter_church(grace):
        change_calendar(user=user("alice"), hours={str(day): [["09:00", "17:00"]] for day in range(1, 8)})
    body = {
        "visitor_name": "Nicodemus", "visit_type": "home", "scheduled_datetime": at(3, "22:00").isoformat(),
        "assigned_pastor": str(user("alice").pk),
    }  # fmt: skip
    assert_problem(bob.post(VISITS, body, format="json"), 400, "scheduled_datetime")
    assert bob.post(VISITS, {**body, "outside_hours": True}, format="json").status_code == 201


def test_completing_takes_a_report_of_whoever_may_read_one(api, book, grace, user):
    visit = book(at(-1))
    full = {"outcome": "met", "report": SECRET, "follow_up_on": "2030-05-01"}
    assert_problem(api("bob").post(one(visit, "complete"), full, format="json"), 403)
    done = api("alice").post(one(visit, "complete"), full, format="json")
    assert (done.json()["status"], done.json()["follow_up_on"]) == ("completed", "2030-05-01")
    assert SECRET not in done.content.decode()
    assert_problem(api("alice").post(one(visit, "complete"), full, format="json"), 400, "status")
    assert_problem(api("bob").get(one(visit, "report")), 403)
    with enter_church(grace):
        assert not ConfidentialReading.objects.exists()
    report = api("alice").get(one(visit, "report")).json()
    assert (report["report"], report["author"]) == (SECRET, str(user("alice").pk))
    with enter_church(grace):
        reading = ConfidentialReading.objects.get()
        assert (reading.reader, reading.subject) == (user("alice"), "visit")
        assert reading.object_id == VisitReport.objects.get().pk
    assert SECRET not in api("alice").get(VISITS).content.decode()
    assert_problem(api("alice").get(one(book(at(9)), "report")), 404)


def test_the_status_may_be_set_like_a_field(bob, book):
    visit = book(at(3))
    for status in ("completed", "scheduled", "cancelled", "scheduled"):
        assert bob.patch(one(visit), {"status": status}, format="json").json()["status"] == status
    assert_problem(bob.patch(one(visit), {"status": "rescheduled"}, format="json"), 400, "status")
    assert_problem(bob.patch(one(visit), {"status": "lost"}, format="json"), 400, "status")


def test_the_list_is_filtered_ordered_and_searched(bob, book, ada, user):
    first = book(at(1), member=ada, location="Ward 3")
    second = book(at(2), visit_type="coffee", pastor="anna", follow_up_on=at(1).date())

    def found(query):
        return {row["id"] for row in bob.get(f"{VISITS}?{query}").json()["results"]}

    both = {str(first.pk), str(second.pk)}
    assert found("") == both
    assert found(f"member_id={ada.pk}") == found("search=love ward") == {str(first.pk)}
    assert found(f"assigned_pastor={user('anna').pk}") == found("visit_type=coffee") == {str(second.pk)}
    assert found(f"follow_up_until={at(1):%F}") == {str(second.pk)}
    assert found("status=scheduled&status=completed") == both
    assert found("status=cancelled") == set()
    border = at(1, "12:00").isoformat().replace("+", "%2B")
    assert found(f"scheduled_before={border}") == {str(first.pk)}
    ordered = bob.get(f"{VISITS}?ordering=scheduled_datetime").json()["results"]
    assert [row["id"] for row in ordered] == [str(first.pk), str(second.pk)]
    assert_problem(bob.get(f"{VISITS}?status=lost"), 400, "status")


def test_a_page_of_rows_equals_the_serializers_output(bob, book, ada, grace):
    book(at(1), member=ada)
    row = bob.get(VISITS).json()["results"][0]
    assert row == bob.get(one(row["id"])).json()
    with enter_church(grace):
        assert list(row) == list(VisitSerializer(Visit.objects.get()).data)


def test_lists_and_calendar_cost_the_same_for_one_and_for_thirty(bob, book, ada):
    addresses = [f"{VISITS}?page_size=50", f"{VISITS}/calendar?start={at(0):%F}&end={at(60):%F}"]
    book(at(1), member=ada)
    few = [fewest_queries(lambda address=address: bob.get(address)) for address in addresses]
    for day in range(2, 31):
        book(at(day), **({"member": ada} if day % 2 else {}))
    assert [fewest_queries(lambda address=address: bob.get(address)) for address in addresses] == few


def test_the_calendar_gives_the_days_asked_for_by_the_churchs_clock(bob, book, ada, user, grace):
    late = book(at(3, "23:30"), member=ada, duration_minutes=45)
    book(at(4, "00:15"))
    gone = book(at(3, "08:00"), pastor="anna")
    bob.post(one(gone, "cancel"))
    answer = bob.get(f"{VISITS}/calendar?start={at(3):%F}&end={at(3):%F}").json()
    (entry,) = answer["results"]
    assert (entry["id"], entry["name"]) == (str(late.pk), "Ada Lovelace")
    assert datetime.fromisoformat(entry["end_datetime"]) == at(4, "00:15")
    assert datetime.fromisoformat(answer["start"]) == at(3, "00:00")
    with_times = f"start={at(3, '23:30').isoformat()}&end={at(4, '00:16').isoformat()}".replace("+", "%2B")
    assert len(bob.get(f"{VISITS}/calendar?{with_times}").json()["results"]) == 2
    of_anna = f"start={at(3):%F}&end={at(9):%F}&assigned_pastor={user('anna').pk}"
    assert bob.get(f"{VISITS}/calendar?{of_anna}").json()["results"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "start"), ("start=2026-05-01", "end"), ("start=x&end=2026-05-01", "start"),
        ("start=2026-05-02&end=2026-05-01", "end"), ("start=2026-02-30&end=2026-05-01", "start"),
        ("start=2026-05-01&end=2027-05-01", "end"), ("start=0001-01-01&end=0001-01-02", "start"),
        ("start=9999-12-31&end=9999-12-31", "start"),
        ("start=2026-05-01T10:00:00&end=2026-05-02", "start"),
        ("start=2026-05-01&end=2026-05-02&assigned_pastor=x", "assigned_pastor"),
    ],
)  # fmt: skip
def test_a_stretch_that_makes_no_sense_is_named(bob, query, field):
    assert_problem(bob.get(f"{VISITS}/calendar?{query}"), 400, field)


def test_free_times_are_given_for_whoever_visits(bob, book, user, api):
    book(at(3, "08:00"), duration_minutes=480)
    query = f"assigned_pastor={user('alice').pk}&after={at(3):%F}&duration_minutes=90&count=5"
    times = [
        datetime.fromisoformat(text) for text in bob.get(f"{VISITS}/free-times?{query}").json()["results"]
    ]
    assert len(times) == 5
    assert all(start >= at(3, "16:00") for start in times)
    assert all(second - first >= timedelta(minutes=90) for first, second in pairwise(times))
    for query, field in (
        ("", "assigned_pastor"),
        (f"assigned_pastor={user('vera').pk}", "assigned_pastor"),
        (f"assigned_pastor={user('alice').pk}&count=0", "count"),
        (f"assigned_pastor={user('alice').pk}&duration_minutes=x", "duration_minutes"),
    ):
        assert_problem(bob.get(f"{VISITS}/free-times?{query}"), 400, field)


def test_the_same_booking_sent_twice_is_one(bob, user):
    body = {
        "visitor_name": "Nicodemus", "visit_type": "home", "scheduled_datetime": at(3).isoformat(),
        "assigned_pastor": str(user("alice").pk),
    }  # fmt: skip
    first, second = (
        bob.post(VISITS, body, format="json", headers={"Idempotency-Key": "one"}) for _time in range(2)
    )
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()


def test_what_a_visit_came_from_is_told_to_few_and_kept_by_all(bob, api, ada):
    request = "00000000-0000-4000-8000-000000000001"
    body = {
        "member_id": str(ada.pk), "visit_type": "home", "scheduled_datetime": at(3).isoformat(),
        "origin_kind": "prayer_request", "origin_id": request,
    }  # fmt: skip
    made = api("alice").post(VISITS, body, format="json").json()
    assert made["origin_id"] == request
    seen = bob.get(one(made["id"])).json()
    assert (seen["origin_kind"], seen["origin_id"]) == ("", None)
    assert [row["origin_id"] for row in bob.get(VISITS).json()["results"]] == [None]
    assert bob.get(f"{VISITS}?origin_id={request}").json()["count"] == 0
    assert api("alice").get(f"{VISITS}?origin_id={request}").json()["count"] == 1
    assert bob.put(one(made["id"]), {**seen, "location": "Ward 4"}, format="json").status_code == 200
    kept = api("alice").get(one(made["id"])).json()
    assert (kept["origin_id"], kept["location"]) == (request, "Ward 4")
