"""Who gets a place, who waits, who moves up, and what they are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.models import HistoryEntry
from events import signals
from events.domain import cancel_event, change_event
from events.models import EventRegistration
from events.registrations import domain
from events.registrations.domain import (
    AlreadyRegisteredError,
    cancel_registration,
    change_registration,
    record_attendance,
    register,
    remove_registration,
)
from members.domain import remove_member
from members.merging.domain import merge_members
from notifications.models import Notification
from tests.events.conftest import in_days


def statuses(event):
    rows = EventRegistration.objects.filter(event=event).order_by("number")
    return [(row.person_name, row.status) for row in rows]


def guest(event, name, **values):
    return register(event=event, name=name, email=f"{name.lower()}@guests.example", **values)


def test_the_first_have_places_and_the_others_wait_in_order(new_event, mails):
    event = new_event(max_attendees=2)
    for name in ("Ann", "Ben", "Cid", "Dot"):
        guest(event, name)
    assert statuses(event) == [
        ("Ann", "registered"), ("Ben", "registered"), ("Cid", "waitlisted"), ("Dot", "waitlisted"),
    ]  # fmt: skip
    assert mails() == [
        ("ann@guests.example", "You are registered: Picnic"),
        ("ben@guests.example", "You are registered: Picnic"),
        ("cid@guests.example", "You are on the wait list: Picnic"),
        ("dot@guests.example", "You are on the wait list: Picnic"),
    ]


def test_without_a_number_of_places_everybody_comes_and_with_none_everybody_waits(new_event):
    assert guest(new_event(max_attendees=None), "Ann").status == "registered"
    assert guest(new_event(max_attendees=0), "Ann").status == "waitlisted"


@pytest.mark.parametrize("how", ["cancel", "remove", "change", "raise", "lift"])
def test_a_place_that_becomes_free_goes_to_who_waits_longest(new_event, mails, how):
    event = new_event(max_attendees=1)
    first = guest(event, "Ann")
    for name in ("Ben", "Cid"):
        guest(event, name)
    mails()
    promoted = []

    def note(registration, **_):
        promoted.append(registration.person_name)

    signals.registration_promoted.connect(note)
    try:
        match how:
            case "cancel":
                cancel_registration(registration=first)
            case "remove":
                remove_registration(registration=first)
            case "change":
                change_registration(registration=first, status="cancelled")
            case "raise":
                change_event(event=event, max_attendees=2)
            case "lift":
                change_event(event=event, max_attendees=None)
    finally:
        signals.registration_promoted.disconnect(note)
    moved_up = ["Ben", "Cid"] if how == "lift" else ["Ben"]
    assert promoted == moved_up
    assert mails() == [(f"{name.lower()}@guests.example", "You have a place: Picnic") for name in moved_up]
    assert EventRegistration.objects.get(name="Ben").promoted_at is not None


def test_lowering_the_places_takes_nobodys_away_and_nobody_moves_up_until_there_is_room(new_event):
    event = new_event(max_attendees=3)
    rows = [guest(event, name) for name in ("Ann", "Ben", "Cid", "Dot")]
    change_event(event=event, max_attendees=1)
    cancel_registration(registration=rows[0])
    cancel_registration(registration=rows[1])
    assert [status for _, status in statuses(event)] == ["cancelled", "cancelled", "registered", "waitlisted"]
    cancel_registration(registration=rows[2])
    assert statuses(event)[3] == ("Dot", "registered")


def test_nobody_registers_twice_but_may_come_back_at_the_end_of_the_line(new_event, person):
    event = new_event(max_attendees=1)
    ruth = person()
    first = register(event=event, member=ruth)
    with pytest.raises(AlreadyRegisteredError):
        register(event=event, member=ruth)
    guest(event, "Ann")
    with pytest.raises(AlreadyRegisteredError):
        register(event=event, name="Other", email="ANN@guests.example")
    cancel_registration(registration=first)
    again = register(event=event, member=ruth)
    assert (again.status, statuses(event)[1]) == ("waitlisted", ("Ann", "registered"))
    # The row of before cannot come back beside it.
    with pytest.raises(ValidationError, match="Already registered"):
        change_registration(registration=first, status="registered")


def test_who_had_cancelled_asks_for_a_place_anew(new_event):
    event = new_event(max_attendees=1)
    ann, ben = guest(event, "Ann"), guest(event, "Ben")
    cancel_registration(registration=ann)
    assert change_registration(registration=ann, status="registered").status == "waitlisted"
    cancel_registration(registration=ben)
    assert EventRegistration.objects.get(pk=ann.pk).status == "registered"


def test_no_way_leads_to_more_people_than_places(new_event, person):
    event = new_event(max_attendees=1)
    guest(event, "Ann")
    ben = guest(event, "Ben")
    for status in ("registered", "attended"):
        with pytest.raises(ValidationError, match="No place is left"):
            change_registration(registration=ben, status=status)
    with pytest.raises(ValidationError, match="No place is left"):
        record_attendance(event=event, member=person())
    assert EventRegistration.objects.holding_places().count() == 1


def test_giving_a_place_back_for_the_wait_list_lets_the_next_in(new_event):
    event = new_event(max_attendees=1)
    ann = guest(event, "Ann")
    guest(event, "Ben")
    change_registration(registration=ann, status="waitlisted")
    assert dict(statuses(event)) == {"Ann": "waitlisted", "Ben": "registered"}


def test_after_the_end_nobody_registers_but_who_was_there_is_written_down(new_event, person, mails):
    start = in_days(-2)
    event = new_event(start_datetime=start, end_datetime=start + timedelta(hours=1), max_attendees=5)
    with pytest.raises(ValidationError, match="is over"):
        guest(event, "Ann")
    ruth = record_attendance(event=event, member=person())
    walked_in = record_attendance(event=event, name="Somebody")
    assert (ruth.status, walked_in.status, walked_in.email) == ("attended", "attended", "")
    assert ruth.checked_in_at is not None
    assert change_registration(registration=ruth, status="registered").checked_in_at is None
    with pytest.raises(ValidationError, match="is over"):
        cancel_registration(registration=ruth)
    assert mails() == []


def test_nobody_registers_for_what_is_cancelled(new_event, mails):
    event = new_event()
    guest(event, "Ann")
    mails()
    cancelled = []

    def note(event, occurrence_start, **_):
        cancelled.append((event.title, occurrence_start))

    signals.event_cancelled.connect(note)
    try:
        cancel_event(event=event)
    finally:
        signals.event_cancelled.disconnect(note)
    assert cancelled == [("Picnic", None)]
    assert mails() == [("ann@guests.example", "Cancelled: Picnic")]
    with pytest.raises(ValidationError, match="is cancelled"):
        guest(event, "Ben")
    assert statuses(event) == [("Ann", "registered")]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "name"), ({"name": "Ann"}, "email"), ({"email": "a@b.example"}, "name"),
        ({"name": "Ann", "email": "nonsense"}, "email"),
        ({"name": "x" * 201, "email": "a@b.example"}, "name"),
        ({"name": "a\x00b", "email": "a@b.example"}, "name"),
    ],
)  # fmt: skip
def test_a_guest_has_a_name_and_an_address(new_event, values, field):
    with pytest.raises(ValidationError) as refusal:
        register(event=new_event(), **values)
    assert field in refusal.value.message_dict


def test_a_person_is_not_a_guest_too(new_event, person):
    with pytest.raises(ValidationError, match="not both"):
        register(event=new_event(), member=person(), name="Ruth", email="r@moab.example")


def test_a_mail_says_when_by_the_clocks_of_the_event_and_how_to_cancel(new_event, work_queue, mailoutbox):
    start = in_days(7, hour=15)
    event = new_event(start_datetime=start, timezone="Europe/Berlin", location="The garden")
    register(event=event, name="Ann & <b>Co</b>", email="ann@guests.example")
    work_queue()
    body = mailoutbox[0].body
    assert "Hello Ann & <b>Co</b>," in body
    assert "The garden" in body
    assert "4 p.m. – 6 p.m. (CET)" in body or "5 p.m. – 7 p.m. (CEST)" in body
    assert "/events/registrations/" in body


def test_who_plans_events_is_told_when_one_is_full(new_event):
    event = new_event(max_attendees=1)
    guest(event, "Ann")
    guest(event, "Ben")
    told = Notification.objects.filter(kind="events.full")
    assert {row.user.role for row in told} == {"admin", "pastor", "staff"}
    assert told.first().data == {"title": "Picnic", "places": 1}


def test_a_person_who_is_deleted_frees_their_place(new_event, person, work_queue):
    event = new_event(max_attendees=1)
    ruth = person()
    register(event=event, member=ruth)
    guest(event, "Ann")
    remove_member(member=ruth)
    work_queue()
    assert statuses(event) == [("Ann", "registered")]


def test_two_who_are_one_keep_the_better_of_their_registrations(new_event, person, user, work_queue):
    event = new_event(max_attendees=1)
    goes, stays = person("Ruth"), person("Ruthie")
    register(event=event, member=goes)
    register(event=event, member=stays)
    guest(event, "Ann")
    merge_members(survivor=stays, absorbed=goes, user=user("alice"))
    work_queue()
    kept = EventRegistration.objects.get(member=stays)
    assert kept.status == "registered"
    assert statuses(event)[-1] == ("Ann", "waitlisted")


def test_each_is_reminded_once_before_the_date(new_event, mails):
    from events.registrations.reminders import next_reminder, send_reminders

    soon = timezone.now() + timedelta(hours=30)
    event = new_event(start_datetime=soon, reminder_hours=24, max_attendees=1)
    other = new_event(start_datetime=soon, title="Never reminded")
    guest(event, "Ann")
    guest(event, "Ben")
    guest(other, "Cid")
    mails()
    assert next_reminder() == event.start_datetime - timedelta(hours=24)
    send_reminders()
    assert mails() == []
    change_event(event=event, reminder_hours=48)
    send_reminders()
    send_reminders()
    assert mails() == [("ann@guests.example", "Soon: Picnic")]
    assert next_reminder() is None


def test_the_history_tells_of_registrations(new_event, person):
    ruth = person()
    row = register(event=new_event(), member=ruth)
    cancel_registration(registration=row)
    entries = HistoryEntry.objects.filter(about=ruth.pk, kind="events.eventregistration").order_by(
        "timestamp"
    )
    assert [entry.changes["status"][1] for entry in entries] == ["registered", "cancelled"]


def test_a_registration_has_no_other_columns_to_change(new_event):
    row = guest(new_event(), "Ann")
    for values in ({"number": 1}, {"status": "here"}):
        with pytest.raises(ValidationError):
            domain.change_registration(registration=row, **values)
