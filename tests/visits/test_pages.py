"""The pages on which visits are planned, moved, completed and looked at."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from members.models import ConfidentialReading, Member
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.pages import text_of
from tests.visits.conftest import at
from visits.calendars import change_calendar
from visits.models import PastorCalendar, Visit

BASE = "/admin/visits/visit/"
SECRET = "Weeps at night, says Eli."


@pytest.fixture
def bob(browser_session):
    return browser_session("bob")


@pytest.fixture
def ada(grace):
    with enter_church(grace):
        return Member.objects.get(last_name="Lovelace")


def page(visit, verb="change"):
    return f"{BASE}{visit.pk}/{verb}/"


def stored(grace, **chosen):
    with enter_church(grace):
        return Visit.objects.with_people().get(**chosen)


def plan(user, **changes):
    return {
        "visit_type": "home", "assigned_pastor": str(user("alice").pk), "day": f"{at(3):%F}",
        "time": "10:00", "duration_minutes": "60", **changes,
    }  # fmt: skip


def test_a_visit_comes_from_a_prayer_request_in_one_step(bob, ada, user, grace):
    request = "00000000-0000-4000-8000-000000000001"
    address = f"{BASE}add/?member={ada.pk}&from=prayer_request:{request}"
    asked = bob.get(address)
    assert "Who is visited: Ada Lovelace" in text_of(asked)
    assert "visitor_name" not in asked.content.decode()
    done = bob.post(address, plan(user), follow=True)
    assert "The visit is planned" in text_of(done)
    visit = stored(grace)
    assert (visit.member, visit.origin_kind, str(visit.origin_id)) == (ada, "prayer_request", request)
    assert visit.scheduled_datetime == at(3)
    assert visit.created_by_id == user("bob").pk


def test_a_persons_page_leads_to_planning_a_visit(bob, ada):
    person = bob.get(f"/admin/members/member/{ada.pk}/change/").content.decode()
    assert f"{BASE}add/?member={ada.pk}" in person


def test_a_person_is_looked_for_or_a_name_is_written(bob, ada, user, grace):
    found = bob.get(f"{BASE}add/?q=lovel&from=prayer_request:{ada.pk}").content.decode()
    assert f"?member={ada.pk}&amp;from=prayer_request%3A{ada.pk}" in found
    assert "Nobody found" in text_of(bob.get(f"{BASE}add/?q=nobody"))
    refused = bob.post(f"{BASE}add/", plan(user))
    assert "Choose a person, or write the name" in text_of(refused)
    bob.post(f"{BASE}add/", plan(user, visitor_name="Zacchaeus", visitor_phone="(217) 555-0199"))
    assert stored(grace).visitor_phone == "+12175550199"


def test_a_taken_time_is_answered_with_free_ones_to_press(bob, book, user, grace):
    book(at(3))
    answer = bob.post(f"{BASE}add/", plan(user, visitor_name="Nicodemus"))
    assert "has another visit at that time" in text_of(answer)
    starts = re.findall(r'name="start" value="([^"]+)"', answer.content.decode())
    assert len(starts) == 3
    bob.post(f"{BASE}add/", plan(user, visitor_name="Nicodemus", day="", time="", start=starts[0]))
    assert stored(grace, visitor_name="Nicodemus").scheduled_datetime == datetime.fromisoformat(starts[0])


def test_free_times_are_shown_without_planning_anything(bob, book, user, grace):
    book(at(3, "08:00"))
    answer = bob.post(f"{BASE}add/", plan(user, look="1"))
    assert "Free times" in text_of(answer)
    assert "This field is required" not in text_of(answer)
    with enter_church(grace):
        assert Visit.objects.count() == 1


def test_outside_of_the_hours_is_said_and_can_be_meant(bob, user, grace):
    with enter_church(grace):
        change_calendar(user=user("alice"), hours={"1": [["03:00", "03:30"]]})
    late = plan(user, visitor_name="Nicodemus", time="22:00")
    assert "outside of the visiting hours" in text_of(bob.post(f"{BASE}add/", late))
    bob.post(f"{BASE}add/", {**late, "outside_hours": "on"})
    assert stored(grace).scheduled_datetime == at(3, "22:00")


def test_dragging_leads_to_a_page_that_moves_only_when_told(bob, book, user, grace):
    visit = book(at(3), location="Jericho")
    book(at(5, "10:30"))
    address = f"{page(visit, 'reschedule')}?day={at(5):%F}&time=10:00"
    asked = bob.get(address)
    assert "Nothing is moved yet" in text_of(asked)
    assert f'value="{at(5):%F}"' in asked.content.decode()
    when = {"assigned_pastor": str(user("alice").pk), "duration_minutes": "60"}
    taken = bob.post(address, {**when, "day": f"{at(5):%F}", "time": "10:00"})
    assert "has another visit at that time" in text_of(taken)
    assert taken.content.decode().count('name="start"') == 3
    moved = bob.post(address, {**when, "day": f"{at(6):%F}", "time": "11:00"}, follow=True)
    assert "The visit was moved to" in text_of(moved)
    assert "Moved from" in text_of(moved)
    assert stored(grace, rescheduled_from=visit).scheduled_datetime == at(6, "11:00")
    assert "Moved to" in text_of(bob.get(page(visit)))


def test_a_visit_is_completed_with_report_and_follow_up_in_one_step(browser_session, bob, book, grace):
    visit = book(at(-1))
    assert 'name="report"' not in bob.get(page(visit, "complete")).content.decode()
    alice = browser_session("alice")
    values = {"outcome": "met", "report": SECRET, "follow_up_on": f"{at(9):%F}"}
    done = alice.post(page(visit, "complete"), values, follow=True)
    assert "The visit is done." in text_of(done)
    assert SECRET not in done.content.decode()
    assert stored(grace).follow_up_on == at(9).date()
    with enter_church(grace):
        assert ConfidentialReading.objects.count() == 0
    assert SECRET in alice.post(page(visit, "report/show")).content.decode()
    with enter_church(grace):
        assert ConfidentialReading.objects.count() == 1
    alice.post(page(visit, "report"), {"report": "Sleeps again."})
    with enter_church(grace):
        assert Visit.objects.get().report.body == "Sleeps again."


def test_a_visit_is_called_off_and_followed_up(bob, book, grace):
    visit = book(at(3))
    assert "Both sides are told" in text_of(bob.get(page(visit, "cancel")))
    assert "The visit is cancelled." in text_of(bob.post(page(visit, "cancel"), follow=True))
    again = bob.post(page(visit, "cancel"), follow=True)
    assert "Only a visit that is planned can be cancelled." in text_of(again)
    bob.post(page(visit, "follow-up"), {"follow_up_on": f"{at(0):%F}"})
    assert "Zacchaeus today , Alice" in text_of(bob.get("/admin/"))
    bob.post(page(visit, "follow-up"), {"done": "1"})
    assert "Nobody is waiting for a follow-up." in text_of(bob.get("/admin/"))


def test_todays_visits_stand_on_the_first_page(bob, book, browser_session):
    assert "No visit today." in text_of(bob.get("/admin/"))
    book(at(0, "23:00"), location="Ward 3")
    assert "11 p.m. Zacchaeus Alice, Ward 3" in text_of(bob.get("/admin/"))
    assert "visits" not in text_of(browser_session("vera").get("/admin/"))


def test_the_form_changes_what_needs_no_new_time(bob, book, grace):
    visit = book(at(3))
    values = {
        "visit_type": "coffee", "location": "Corner Café", "notes": "<b>x</b>", "visitor_name": "Zacchaeus",
        "visitor_email": "", "visitor_phone": "", "timezone": "",
    }  # fmt: skip
    bob.post(page(visit), values)
    assert (stored(grace).visit_type, stored(grace).location) == ("coffee", "Corner Café")
    assert stored(grace).scheduled_datetime == at(3)


def test_the_list_is_filtered_in_plain_words(bob, book, user, grace):
    book(at(3), visitor_name="Zacchaeus")
    book(at(-3), visitor_name="Nicodemus", pastor="anna", follow_up_on=at(-1).date(), location="Ward 3")

    def names(query):
        text = text_of(bob.get(f"{BASE}?{query}"))
        return {name for name in ("Zacchaeus", "Nicodemus") if name in text}

    assert names("") == names("status=scheduled") == {"Zacchaeus", "Nicodemus"}
    assert names("when=coming") == {"Zacchaeus"}
    assert names("when=month") == names("when=follow-up") == names("q=ward") == {"Nicodemus"}
    assert names(f"pastor={user('anna').pk}") == {"Nicodemus"}
    assert names("pastor=x") == names("status=cancelled") == set()


# -- The calendar --


def days_of(answer):
    """Day -> what the calendar says of it."""
    found = re.findall(
        r'data-day="([^"]+)">(.*?)(?=<li class="calendar-day|</ol>)', answer.content.decode(), re.S
    )
    return {day: " ".join(re.sub(r"<[^>]+>", " ", inner).split()) for day, inner in found}


def test_a_month_shows_whole_weeks_by_the_churchs_clock(bob, book, ada):
    late = at(3, "23:30")
    book(late, member=ada)
    month = days_of(bob.get(f"{BASE}calendar/?day={late:%F}"))
    assert len(month) % 7 == 0
    assert "11:30 p.m. Ada Lovelace" in month[f"{late:%F}"]
    assert sum("Lovelace" in text for text in month.values()) == 1


def test_a_full_day_says_how_many_more_there_are(bob, book):
    day = at(3, "08:00")
    for number in range(7):
        book(day + timedelta(hours=number), visitor_name=f"Visitor{number}")
    said = days_of(bob.get(f"{BASE}calendar/?day={day:%F}"))[f"{day:%F}"]
    assert "Visitor3" in said
    assert "Visitor4" not in said
    assert "+3 more" in said
    agenda = days_of(bob.get(f"{BASE}calendar/?view=agenda&day={day:%F}"))
    assert list(agenda) == [f"{day:%F}"]
    assert "Visitor6" in agenda[f"{day:%F}"]


def test_one_pastors_calendar_shows_no_others_visit(bob, book, user):
    book(at(3), visitor_name="Zacchaeus")
    book(at(3), visitor_name="Nicodemus", pastor="anna")
    shown = text_of(bob.get(f"{BASE}calendar/?view=week&day={at(3):%F}&pastor={user('anna').pk}"))
    assert "Nicodemus" in shown
    assert "Zacchaeus" not in shown


@pytest.mark.parametrize(
    "query", ["day=x", "day=2026-02-30", "view=year", "pastor=x", "day=0001-01-01", "day=9999-12-31"]
)
def test_an_address_that_means_nothing_shows_this_month(bob, query):
    assert bob.get(f"{BASE}calendar/?{query}").status_code == 200


def test_pages_lead_on_to_the_next_month_and_back(bob):
    text = bob.get(f"{BASE}calendar/?day=2026-01-31").content.decode()
    assert "view=month&amp;day=2025-12-01" in text
    assert "view=month&amp;day=2026-02-01" in text
    assert "January 2026" in text


@pytest.mark.parametrize("view", ["month", "week", "agenda"])
def test_a_calendar_costs_the_same_for_one_visit_and_for_thirty(bob, book, ada, view):
    address = f"{BASE}calendar/?view={view}&day={at(3):%F}"
    book(at(3, "08:00"), member=ada)
    few = fewest_queries(lambda: bob.get(address))
    for number in range(29):
        book(at(3, "08:00") + timedelta(hours=1 + number // 2), pastor=("alice", "anna")[number % 2])
    assert fewest_queries(lambda: bob.get(address)) == few


# -- One's own hours --


def test_who_visits_says_when_and_takes_the_calendar_along(browser_session, grace, user):
    alice = browser_session("alice")
    values = {
        "day_1": "9-12, 13-17:30", "day_6": "10:00–11:00", "buffer_minutes": "20", "timezone": "",
        "free_days": "2030-07-01\n2030-08-01 to 2030-08-14", "shows_initials": "on",
    }  # fmt: skip
    assert "Your visiting hours are saved." in text_of(alice.post(f"{BASE}hours/", values, follow=True))
    with enter_church(grace):
        calendar = PastorCalendar.objects.get(user=user("alice"))
    assert calendar.hours == {"1": [["09:00", "12:00"], ["13:00", "17:30"]], "6": [["10:00", "11:00"]]}
    assert calendar.free_days == [["2030-07-01", "2030-07-01"], ["2030-08-01", "2030-08-14"]]
    assert (calendar.buffer_minutes, calendar.shows_initials) == (20, True)
    wrong = alice.post(f"{BASE}hours/", {**values, "day_2": "late", "timezone": "Mars"})
    assert "Write spans as" in text_of(wrong)
    made = text_of(alice.post(f"{BASE}hours/link/"))
    (path,) = re.findall(r"http://grace\.localhost(/visits/calendar/\S+\.ics)", made)
    assert alice.get(path).status_code == 200
    assert path not in alice.get(f"{BASE}hours/").content.decode()
    alice.post(f"{BASE}hours/link/", {"end": "1"})
    assert alice.get(path).status_code == 404
