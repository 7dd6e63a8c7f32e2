"""The pastor's pages of events."""

from __future__ import annotations

import pytest

from events.domain import change_event
from events.models import CalendarFeed, Event, EventException, EventRegistration
from events.recurrence import to_wall
from events.registrations.domain import register
from tests.events.conftest import in_days
from tests.members.conftest import fewest_queries
from tests.pages import text_of

LIST = "/admin/events/event/"


@pytest.fixture
def bob(browser_session):
    return browser_session("bob")


def values(**changed):
    given = {
        "title": "Service", "event_type": "service", "location": "", "description": "",
        "visibility": "public",
        "start_date": "2027-05-02", "start_time": "10:00", "end_date": "2027-05-02", "end_time": "11:30",
        "timezone": "America/Chicago", "repeats": "", "every": "1", "ends_on": "", "times": "",
        "max_attendees": "", "reminder_hours": "",
    }  # fmt: skip
    return {**given, **changed}


def page(event, name="registrations", start=None):
    query = f"?on={start:%Y%m%dT%H%M%SZ}" if start else ""
    return f"{LIST}{event.pk}/{name}/{query}"


@pytest.mark.parametrize(
    ("chosen", "rule", "words"),
    [
        ({}, "", ""),
        ({"repeats": "weekly"}, "FREQ=WEEKLY;BYDAY=SU", "Every week on Sunday"),
        (
            {"repeats": "weekly", "every": "2", "weekdays": ["2", "6"], "times": "6"},
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,SU;COUNT=6",
            "Every 2 weeks on Wednesday and Sunday, 6 times",
        ),
        ({"repeats": "monthly_weekday"}, "FREQ=MONTHLY;BYDAY=1SU", "Every month on the first Sunday"),
        ({"repeats": "monthly_last"}, None, "The first date is none of those"),
        (
            {"repeats": "daily", "ends_on": "2027-05-09"},
            "FREQ=DAILY;UNTIL=20270510T045959Z",
            "until May 9, 2027",
        ),
    ],
)  # fmt: skip
def test_an_event_is_made_with_plain_choices(bob, chosen, rule, words):
    answer = bob.post(f"{LIST}add/", values(**chosen), follow=True)
    assert words in text_of(answer)
    if rule is None:
        assert not Event.objects.exists()
        return
    event = Event.objects.get()
    assert event.recurrence == rule
    assert to_wall(event.start_datetime, "America/Chicago").hour == 10
    # Opened and saved as it is, nothing changes.
    form = bob.get(f"{LIST}{event.pk}/change/").context["adminform"].form
    same = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    bob.post(f"{LIST}{event.pk}/change/", {**values(), **same})
    event.refresh_from_db()
    assert (event.recurrence, event.sequence) == (rule, 0)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"end_time": "09:00"}, "The end must be after the start."),
        ({"title": ""}, "This field is required."),
        ({"ends_on": "2027-06-01", "times": "3", "repeats": "weekly"}, "not both"),
        ({"max_attendees": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_makes_no_sense_is_said_on_the_form(bob, wrong, text):
    answer = bob.post(f"{LIST}add/", values(**wrong))
    assert answer.status_code == 200
    assert text in text_of(answer)
    assert not Event.objects.exists()


def test_a_change_of_a_series_asks_which_dates(bob, new_event):
    event = new_event(recurrence="FREQ=WEEKLY", timezone="America/Chicago")
    second = event.series.first_from(event.start_datetime, most=2)[1]
    address = page(event, "change", second)
    form = bob.get(address)
    assert "Only this date" in text_of(form)
    fields = form.context["adminform"].form
    shown = {name: fields[name].value() for name in fields.fields if fields[name].value() not in (None, "")}
    assert shown["start_date"] == to_wall(second, "America/Chicago").date()
    one = {**shown, "scope": "one", "title": "Outdoors"}
    assert bob.post(address, one).status_code == 302
    assert EventException.objects.get().changes == {"title": "Outdoors"}
    third = event.series.first_from(event.start_datetime, most=3)[2]
    following = {
        **shown,
        "scope": "following",
        "title": "New",
        "start_date": (to_wall(third, event.timezone)).date(),
    }
    following["end_date"] = following["start_date"]
    answer = bob.post(page(event, "change", third), following)
    new = Event.objects.exclude(pk=event.pk).get()
    assert (new.title, new.split_from_id, new.start_datetime) == ("New", event.pk, third)
    assert str(new.pk) in answer["Location"]


def test_the_page_of_a_date_counts_and_lists_who_comes(bob, new_event, person):
    event = new_event(max_attendees=1)
    register(event=event, member=person())
    register(event=event, name="<b>Ann</b>", email="ann@guests.example")
    shown = bob.get(page(event))
    text = text_of(shown)
    for words in ("1 of 1", "Registered 1", "Wait list 1", "Ruth Moab", "<b>Ann</b>", "Guest"):
        assert words in text
    assert "<b>Ann</b>" not in shown.content.decode()
    assert "Give a place" not in text


def test_verbs_on_people(bob, browser_session, new_event, person):
    event, ruth = new_event(max_attendees=1), person()
    found = text_of(bob.get(f"{page(event, 'add-person')}?q=ruth"))
    assert "Ruth Moab" in found
    people = page(event, "people")
    assert "Ruth Moab has a place." in text_of(
        bob.post(people, {"verb": "register", "member_id": ruth.pk}, follow=True)
    )
    guest = {"verb": "register", "name": "Ann", "email": "ann@guests.example"}
    assert "Ann is on the wait list." in text_of(bob.post(people, guest, follow=True))
    assert "Already registered" in text_of(bob.post(people, guest, follow=True))
    first, second = EventRegistration.objects.order_by("number")
    assert "does not come" in text_of(
        bob.post(people, {"verb": "cancel", "registration_id": first.pk}, follow=True)
    )
    second.refresh_from_db()
    assert second.status == "registered"
    assert "Choose what to do." in text_of(
        bob.post(people, {"verb": "x", "registration_id": first.pk}, follow=True)
    )
    gone = {"verb": "cancel", "registration_id": "x"}
    assert "in the meantime" in text_of(bob.post(people, gone, follow=True))
    remove = {"verb": "remove", "registration_id": first.pk}
    assert bob.post(people, remove).status_code == 403
    assert "was deleted" in text_of(browser_session("alice").post(people, remove, follow=True))
    assert EventRegistration.objects.count() == 1


def test_checking_in_at_the_door_and_taking_it_back(bob, new_event, person):
    event = new_event()
    for name in ("Ruth", "José", "Naomi"):
        register(event=event, member=person(name))
    door = page(event, "check-in")
    assert "0 of 3 are here" in text_of(bob.get(door))
    found = text_of(bob.get(f"{door}?q=jose"))
    assert "José Moab" in found
    assert "Naomi" not in found
    jose = EventRegistration.objects.get(member__first_name="José")
    verb = {"verb": "check-in", "registration_id": jose.pk, "back": "check-in"}
    answer = bob.post(f"{page(event, 'people')}?q=jose", verb, follow=True)
    assert answer.redirect_chain[0][0].endswith("/check-in/?q=jose")
    assert "1 of 3 are here" in text_of(answer)
    answer = bob.post(page(event, "people"), {**verb, "verb": "undo"}, follow=True)
    assert "0 of 3 are here" in text_of(answer)
    walk_in = {"verb": "attend", "name": "Somebody", "back": "check-in"}
    assert "1 of 4 are here" in text_of(bob.post(page(event, "people"), walk_in, follow=True))


def test_cancelling_one_date_and_letting_it_take_place(bob, new_event):
    event = new_event(recurrence="FREQ=WEEKLY")
    second = event.series.first_from(event.start_datetime, most=2)[1]
    asked = text_of(bob.get(page(event, "cancel", second)))
    assert "Only this date" in asked
    assert "Cancelled: this does not take place." in text_of(
        bob.post(page(event, "cancel", second), {"scope": "one"}, follow=True)
    )
    bob.post(page(event, "cancel", second), {"scope": "one"})
    assert not EventException.objects.exists()


def test_a_copy_opens_its_form(bob, new_event):
    answer = bob.post(page(new_event(), "duplicate"), follow=True)
    assert "This is the copy." in text_of(answer)
    assert Event.objects.count() == 2


def test_the_list_shows_what_comes_first_and_todays_page_the_next(bob, browser_session, new_event):
    new_event(title="Long ago", start_datetime=in_days(-30), end_datetime=in_days(-30, 18))
    new_event(
        title="Weekly", recurrence="FREQ=WEEKLY", start_datetime=in_days(-3), end_datetime=in_days(-3, 18)
    )
    event = new_event(
        title="Tomorrow", start_datetime=in_days(1), end_datetime=in_days(1, 18), max_attendees=1
    )
    register(event=event, name="Ann", email="a@b.example")
    new_event(title="Secret", visibility="staff", start_datetime=in_days(2), end_datetime=in_days(2, 18))
    text = text_of(bob.get(LIST))
    assert text.index("Tomorrow") < text.index("1 of 1") < text.index("Secret") < text.index("Long ago")
    assert "Long ago" not in text_of(bob.get(f"{LIST}?when=coming"))
    assert "Secret" not in text_of(browser_session("vera").get(LIST))
    today = text_of(bob.get("/admin/"))
    assert "Next events" in today
    assert "Tomorrow" in today
    assert "Secret" not in text_of(browser_session("vera").get("/admin/"))


def test_pages_ask_as_often_for_30_rows_as_for_one(bob, new_event, person):
    over = {
        "start_datetime": in_days(-40),
        "end_datetime": in_days(-40, 18),
        "recurrence": "FREQ=DAILY;COUNT=3",
    }
    event = new_event(recurrence="FREQ=DAILY")
    new_event(**over)
    register(event=event, member=person())
    pages = (LIST, page(event), page(event, "check-in"), "/admin/", "/events/")
    before = [fewest_queries(lambda address=address: bob.get(address)) for address in pages]
    for number in range(15):
        register(event=event, member=person(f"P{number}"))
        another = new_event(title=f"{number}", recurrence="FREQ=WEEKLY")
        change_event(event=another, scope="one", occurrence_start=another.start_datetime, title=f"{number} x")
        new_event(**over)
    assert [fewest_queries(lambda address=address: bob.get(address)) for address in pages] == before


def test_ones_own_calendar_address_is_shown_once(browser_session, user):
    vera = browser_session("vera")
    address = f"{LIST}my-calendar/"
    made = vera.post(address, {"verb": "new"})
    assert "/events/feed/" in text_of(made)
    assert "/events/feed/" not in text_of(vera.get(address))
    vera.post(address, {"verb": "end"})
    assert not CalendarFeed.objects.exists()
