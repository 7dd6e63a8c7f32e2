"""Events and registrations over the API."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from events.domain import change_event
from events.models import EventRegistration
from events.registrations.domain import register
from tests.events.conftest import in_days
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem

EVENTS = "/api/events"


@pytest.fixture
def bob(api):
    return api("bob")


def created(bob, **values):
    given = {
        "title": "Service",
        "start_datetime": in_days(7).isoformat(),
        "end_datetime": in_days(7, 18).isoformat(),
    }
    answer = bob.post(EVENTS, {**given, **values})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_an_event_is_made_read_changed_and_deleted(bob, api, user):
    made = created(bob, max_attendees=0, description="Bring cake.\n", location=" Hall  2 ")
    assert made["max_attendees"] == 0
    assert (made["timezone"], made["visibility"], made["status"]) == ("America/Chicago", "public", "active")
    assert (made["location"], made["created_by"], made["sequence"]) == ("Hall 2", str(user("bob").pk), 0)
    one = f"{EVENTS}/{made['id']}"
    assert bob.get(one).json() == made == bob.get(EVENTS).json()["results"][0]
    changed = bob.patch(one, {"max_attendees": None, "title": "Feast"}).json()
    assert (changed["max_attendees"], changed["title"], changed["sequence"]) == (None, "Feast", 1)
    assert bob.put(one, {**made, "title": "Other"}).json()["max_attendees"] == 0
    assert bob.delete(one).status_code == 403
    assert api("alice").delete(one).status_code == 204
    assert_problem(bob.get(one), 404)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"end_datetime": "2020-01-01T10:00:00Z"}, "end_datetime"),
        ({"start_datetime": "2030-01-01T10:00:00"}, "start_datetime"),
        ({"start_datetime": "9999-12-31T23:59:59-14:00"}, "start_datetime"),
        ({"max_attendees": -1}, "max_attendees"), ({"max_attendees": "5"}, "max_attendees"),
        ({"recurrence": "FREQ=HOURLY"}, "recurrence"), ({"timezone": "Mars"}, "timezone"),
        ({"title": ""}, "title"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_names_its_field(bob, values, field):
    given = {
        "title": "x",
        "start_datetime": in_days(7).isoformat(),
        "end_datetime": in_days(7, 18).isoformat(),
    }
    assert_problem(bob.post(EVENTS, {**given, **values}), 400, field)


def test_registering_gives_a_place_or_a_place_on_the_wait_list_and_twice_is_a_conflict(
    bob, new_event, person
):
    event, ruth = new_event(max_attendees=1), person()
    one = f"{EVENTS}/{event.pk}/register"
    first = bob.post(one, {"member_id": str(ruth.pk)})
    assert first.status_code == 201
    assert (
        first.json() | {"status": "registered", "member_id": str(ruth.pk), "name": "Ruth Moab"}
        == first.json()
    )
    guest = {"name": "Ann", "email": "ann@guests.example"}
    second = bob.post(one, guest, HTTP_IDEMPOTENCY_KEY="ann")
    assert (second.status_code, second.json()["status"]) == (201, "waitlisted")
    assert bob.post(one, guest, HTTP_IDEMPOTENCY_KEY="ann").json() == second.json()
    assert_problem(bob.post(one, guest), 409)
    assert_problem(bob.post(one, {"member_id": str(ruth.pk)}), 409)
    assert_problem(bob.post(one, {}), 400, "name")
    assert_problem(bob.post(one, {"member_id": str(event.pk)}), 400, "member_id")
    rows = f"{EVENTS}/{event.pk}/registrations"
    assert [row["status"] for row in bob.get(rows).json()["results"]] == ["registered", "waitlisted"]
    assert bob.get(f"{rows}?status=waitlisted").json()["count"] == 1
    cancelled = bob.patch(f"{rows}/{first.json()['id']}", {"status": "cancelled"})
    assert cancelled.json()["status"] == "cancelled"
    assert bob.get(f"{rows}/{second.json()['id']}").json()["status"] == "registered"
    here = bob.put(f"{rows}/{second.json()['id']}", {"status": "attended", "notes": "late"}).json()
    assert (here["status"], here["notes"], here["checked_in_at"] is None) == ("attended", "late", False)


def test_registering_after_the_end_or_for_what_is_cancelled_is_refused_with_a_reason(bob, new_event):
    over = new_event(start_datetime=in_days(-2), end_datetime=in_days(-2, 18))
    off = new_event(status="cancelled")
    for event, text in ((over, "over"), (off, "cancelled")):
        answer = bob.post(f"{EVENTS}/{event.pk}/register", {"name": "Ann", "email": "a@b.example"})
        assert_problem(answer, 400, "non_field_errors")
        assert text in answer.json()["errors"]["non_field_errors"][0]


def test_a_series_is_read_date_by_date_and_changed_by_scope(bob, new_event):
    event = new_event(recurrence="FREQ=WEEKLY", max_attendees=5)
    dates = bob.get(f"{EVENTS}/occurrences").json()["results"]
    assert len(dates) == 4
    second = dates[1]
    one = f"{EVENTS}/{event.pk}"
    register(
        event=event,
        occurrence_start=datetime.fromisoformat(second["recurrence_id"]),
        name="A",
        email="a@b.co",
    )
    bob.patch(one, {"title": "Outdoors", "scope": "one", "occurrence": second["recurrence_id"]})
    third = dates[2]["recurrence_id"].replace("+00:00", "Z")
    answer = bob.patch(f"{one}?scope=following&occurrence={third}", {"location": "Hall"})
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["split_from"], answer.json()["location"]) == (str(event.pk), "Hall")
    read = bob.get(f"{EVENTS}/occurrences").json()["results"]
    assert [row["title"] for row in read] == ["Picnic", "Outdoors", "Picnic", "Picnic"]
    assert [row["location"] for row in read] == ["", "", "Hall", "Hall"]
    assert [row["registered"] for row in read] == [0, 1, 0, 0]
    assert [row["recurrence_id"] for row in read] == [row["recurrence_id"] for row in dates]
    assert_problem(bob.patch(one, {"title": "x", "scope": "one"}), 400, "occurrence")


@pytest.mark.parametrize(
    "query",
    [
        "start=x", "end=x", "start=2027-01-01T00:00:00", "end=2020-01-01T00:00:00Z", "start=",
        "start=2027-01-01T00:00:00Z&end=2029-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_a_span_that_makes_no_sense_is_refused(bob, query):
    assert_problem(bob.get(f"{EVENTS}/occurrences?{query}"), 400)


def test_events_for_staff_do_not_exist_for_volunteers(api, new_event):
    hidden = new_event(visibility="staff", title="Salaries")
    new_event(visibility="members", title="Choir")
    vera = api("vera")
    assert [row["title"] for row in vera.get(EVENTS).json()["results"]] == ["Choir"]
    assert [row["title"] for row in vera.get(f"{EVENTS}/occurrences").json()["results"]] == ["Choir"]
    for path in ("", "/registrations"):
        assert_problem(vera.get(f"{EVENTS}/{hidden.pk}{path}"), 404)
    assert b"Salaries" not in vera.get(f"{EVENTS}/calendar.ics").content
    assert b"Salaries" in api("bob").get(f"{EVENTS}/calendar.ics").content


def test_filters(bob, new_event):
    new_event(title="Old", start_datetime=in_days(-9), end_datetime=in_days(-9, 18))
    new_event(title="Weekly", recurrence="FREQ=WEEKLY", event_type="group", location="The barn")

    def titles(query):
        return [row["title"] for row in bob.get(f"{EVENTS}?{query}").json()["results"]]

    assert titles("upcoming=true") == ["Weekly"] == titles("is_recurring=true") == titles("search=barn week")
    assert titles("upcoming=false") == ["Old"] == titles("is_recurring=false")
    assert titles("event_type=group") == ["Weekly"]
    assert titles("ordering=-start_datetime") == ["Weekly", "Old"]
    assert_problem(bob.get(f"{EVENTS}?upcoming=perhaps"), 400, "upcoming")


def test_lists_ask_as_often_for_30_rows_as_for_one(bob, new_event, person):
    event = new_event(recurrence="FREQ=WEEKLY", max_attendees=100)
    start = event.start_datetime
    register(event=event, member=person())
    lists = [EVENTS, f"{EVENTS}/occurrences", f"{EVENTS}/{event.pk}/registrations", f"{EVENTS}/calendar.ics"]
    before = [fewest_queries(lambda path=path: bob.get(path)) for path in lists]
    for number in range(30):
        another = new_event(recurrence="FREQ=WEEKLY", title=f"{number}")
        change_event(event=another, scope="one", occurrence_start=another.start_datetime, title=f"{number} x")
        register(event=event, member=person(f"P{number}"))
        register(
            event=event, occurrence_start=start + timedelta(days=7), name="G", email=f"g{number}@b.example"
        )
    assert [fewest_queries(lambda path=path: bob.get(path)) for path in lists] == before
    assert EventRegistration.objects.count() == 61


def test_a_copy_is_made(bob, new_event):
    event = new_event(recurrence="FREQ=WEEKLY")
    start = in_days(20).isoformat()
    answer = bob.post(f"{EVENTS}/{event.pk}/duplicate", {"start_datetime": start})
    assert answer.status_code == 201
    assert answer.json()["start_datetime"].startswith(start[:19])
    assert answer.json()["recurrence"] == ""
