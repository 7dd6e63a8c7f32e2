"""What starts a sequence for somebody, and what does not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.enrolling.domain import enrol
from automation.models import AutomatedMessage, Enrolment, Sequence
from automation.sequences.domain import pause
from events.domain import create_event
from events.models import EventRegistration
from events.registrations.domain import cancel_registration, change_registration, record_attendance, register
from members.domain import add_tags, change_member, create_member, remove_member
from members.importing import undo
from members.importing.domain import start_import
from members.importing.running import work_unfinished
from members.merging.domain import merge_members
from members.merging.undoing import undo_merge
from members.models import Member
from prayer.domain import submit_request
from tenants import due, local_clock
from tenants.signals import church_day_began


def people_in(sequence: Sequence) -> set[str]:
    """First names of those who are under way."""
    return set(sequence.enrolments.under_way().values_list("member__first_name", flat=True))


def test_whoever_is_new_is_welcomed_unless_they_are_gone_already(sequence: Any) -> None:
    welcome = sequence("new_member")
    create_member(first_name="Lydia", last_name="Thyatira")
    create_member(first_name="Stephen", last_name="Martyr", membership_status="deceased")
    assert people_in(welcome) == {"Lydia"}
    assert welcome.enrolments.get().trigger_event == "new_member"


def test_nobody_comes_into_one_that_is_paused_or_has_no_step(sequence: Any, inside: Any) -> None:
    paused = pause(sequence=sequence("new_member"))
    empty = Sequence.objects.create(name="Empty", trigger_event="new_member")
    create_member(first_name="Lydia", last_name="Thyatira")
    assert people_in(paused) == people_in(empty) == set()


def test_a_new_person_costs_one_query_more_where_no_sequence_waits(inside: Any) -> None:
    create_member(first_name="Lydia", last_name="Thyatira")
    with CaptureQueriesContext(connection) as captured:
        create_member(first_name="Lois", last_name="Lystra", tags=["Choir"], membership_status="visitor")
    assert len([query for query in captured if "email_sequences" in query["sql"]]) == 1


def test_a_tag_starts_what_waits_for_it_in_any_case(sequence: Any, ada: Any) -> None:
    choir = sequence("tag_added", trigger_tag="Newcomers")
    add_tags(member_ids=[ada.pk], tags=["Ushers"])
    assert people_in(choir) == set()
    add_tags(member_ids=[ada.pk], tags=["newcomers"])
    create_member(first_name="Lydia", last_name="Thyatira", tags=["Newcomers"])
    mary = Member.objects.get(first_name="Mary")
    change_member(member=mary, tags=[*mary.tags, "Newcomers"])
    assert people_in(choir) == {"Ada", "Lydia", "Mary"}


LIST = b"First name,Last name,Email,Status,Tags\n" + b"".join(
    f"Guest{number},Newman,guest{number}@list.example,visitor,Newcomers\n".encode() for number in range(40)
)


def imported(content: bytes, **options: Any) -> Any:
    started = start_import(content=content, file_name="people.csv", **options)
    work_unfinished(seconds=60)
    started.refresh_from_db()
    assert (started.status, started.failed) == ("done", 0)
    return started


@pytest.mark.parametrize("wanted", [False, True])
def test_an_import_starts_sequences_only_where_that_is_said(sequence: Any, wanted: bool) -> None:
    waiting = [
        sequence("new_member"), sequence("first_visit"), sequence("tag_added", trigger_tag="Newcomers"),
    ]  # fmt: skip
    imported(LIST, start_sequences=wanted)
    assert [len(people_in(one)) for one in waiting] == ([40, 40, 40] if wanted else [0, 0, 0])
    if wanted:
        assert AutomatedMessage.objects.count() == 120


def test_an_import_that_is_undone_takes_its_sequences_along(sequence: Any, user: Any, ada: Any) -> None:
    welcome = sequence("new_member")
    done = imported(LIST, start_sequences=True)
    by_hand = sequence()
    enrol(sequence=by_hand, member=Member.objects.get(first_name="Guest1"))
    enrol(sequence=welcome, member=ada)
    undo.ask_for_undo(member_import=done, user=user("anna"))
    undo.work_undos(seconds=60)
    # Who was added to another one by hand since is left.
    assert people_in(welcome) == {"Ada", "Guest1"}
    assert Member.objects.filter(last_name="Newman").count() == 1


def test_people_who_get_a_tag_by_an_import_come_in_too(sequence: Any, ada: Any) -> None:
    choir = sequence("tag_added", trigger_tag="Newcomers")
    row = f"First name,Last name,Email,Tags\nAda,Lovelace,{ada.email},Newcomers\n".encode()
    imported(row, start_sequences=True)
    assert people_in(choir) == {"Ada"}


def test_an_import_that_starts_nothing_asks_for_no_sequence(sequence: Any) -> None:
    sequence("new_member")
    with CaptureQueriesContext(connection) as captured:
        imported(LIST)
    assert not [query for query in captured if "email_sequences" in query["sql"]]


def event_in(days: float, **values: Any) -> Any:
    start = timezone.now() + timedelta(days=days)
    return create_event(
        title="Harvest supper", start_datetime=start, end_datetime=start + timedelta(hours=2), **values
    )


def test_a_registration_starts_one_that_knows_the_event(sequence: Any, ada: Any) -> None:
    before = sequence("event_registered")
    event = event_in(5)
    register(event=event, member=ada)
    register(event=event, name="Guest", email="guest@mail.example")
    enrolment = before.enrolments.get()
    assert enrolment.member == ada
    told = enrolment.merge_values["event"]
    assert told["title"] == "Harvest supper"
    assert datetime.fromisoformat(told["start"]) == event.start_datetime


def test_who_waits_for_a_place_comes_in_once_there_is_one(sequence: Any, ada: Any) -> None:
    before = sequence("event_registered")
    event = event_in(5, max_attendees=1)
    first = register(event=event, member=Member.objects.get(first_name="Mary"))
    waiting = register(event=event, member=ada)
    assert waiting.status == "waitlisted"
    assert people_in(before) == {"Mary"}
    cancel_registration(registration=first)
    assert people_in(before) == {"Mary", "Ada"}


def test_the_first_time_somebody_is_there_and_no_other(sequence: Any, ada: Any) -> None:
    record_attendance(event=event_in(-0.01), member=ada)
    first_visit = sequence("first_visit")
    record_attendance(event=event_in(-0.01), member=ada)
    assert people_in(first_visit) == set()
    mary = register(event=event_in(0.01), member=Member.objects.get(first_name="Mary"))
    change_registration(registration=mary, status=EventRegistration.Status.ATTENDED)
    create_member(first_name="Lydia", last_name="Thyatira", membership_status="visitor")
    assert people_in(first_visit) == {"Mary", "Lydia"}


def test_a_visitor_who_then_comes_is_greeted_once(sequence: Any) -> None:
    first_visit = sequence("first_visit", may_repeat=True)
    lydia = create_member(first_name="Lydia", last_name="Thyatira", membership_status="visitor")
    first_visit.enrolments.update(status=Enrolment.Status.COMPLETED)
    record_attendance(event=event_in(-0.01), member=lydia)
    assert first_visit.enrolments.count() == 1


def test_a_request_for_prayer_starts_one_and_an_anonymous_request_none(sequence: Any, ada: Any) -> None:
    follow_up = sequence("prayer_request")
    mary = Member.objects.get(first_name="Mary")
    asked = submit_request(description="For my sister.", source="admin", member=ada).request
    submit_request(description="For me.", source="admin", member=mary, is_anonymous=True)
    submit_request(description="For us.", source="wall", name="Guest")
    enrolment = follow_up.enrolments.get()
    assert (enrolment.member, enrolment.origin_kind, enrolment.origin_id) == (ada, "prayer_request", asked.pk)
    assert "sister" not in str(enrolment.merge_values)


# -- Birthdays, by the church's day --


def greeted(sequence: Sequence, day: date) -> set[str]:
    before = people_in(sequence)
    church_day_began.send(sender=None, church=None, day=day)
    return people_in(sequence) - before


def test_birthdays_are_greeted_on_the_day_once_a_year(sequence: Any, ada: Any) -> None:
    birthday = sequence("birthday")
    people = {"Leap": "2000-02-29", "Late": "--02-28", "Mars": "1980-03-01"}
    for name, born in people.items():
        create_member(first_name=name, last_name="Born", birth_date=born)
    create_member(first_name="Gone", last_name="Born", birth_date="1950-02-28", membership_status="deceased")
    assert greeted(birthday, date(2027, 2, 27)) == set()
    assert greeted(birthday, date(2027, 2, 28)) == {"Leap", "Late"}
    birthday.enrolments.update(status=Enrolment.Status.COMPLETED)
    # The job came twice.
    assert greeted(birthday, date(2027, 2, 28)) == set()
    birthday.enrolments.update(created_at=timezone.now() - timedelta(days=365))
    assert greeted(birthday, date(2028, 2, 28)) == {"Late"}
    assert greeted(birthday, date(2028, 2, 29)) == {"Leap"}


def test_the_minutes_tick_brings_the_birthdays(sequence: Any, inside: Any, monkeypatch: Any) -> None:
    from tests.conftest import work_jobs

    birthday = sequence("birthday")
    create_member(first_name="Mars", last_name="Born", birth_date="1980-03-01")
    local_clock.plan_beats()
    # Two in the morning in Chicago.
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 3, 1, 8, 0, 30, tzinfo=UTC))
    assert due.tick()
    work_jobs()
    assert people_in(birthday) == {"Mars"}


# -- People who become one, or go --


def test_two_who_become_one_go_one_way_and_who_comes_back_gets_nothing_twice(
    sequence: Any, ada: Any, user: Any
) -> None:
    welcome = sequence()
    lydia = create_member(first_name="Lydia", last_name="Thyatira", email="lydia@thyatira.example")
    hers, adas = enrol(sequence=welcome, member=lydia), enrol(sequence=welcome, member=ada)
    Enrolment.objects.filter(pk=hers.pk).update(step=1)
    merge = merge_members(survivor=ada, absorbed=lydia, user=user("alice"))
    for enrolment in (hers, adas):
        enrolment.refresh_from_db()
        assert enrolment.member_id == ada.pk
    assert (hers.status, adas.status, adas.exit_reason) == ("active", "exited", "merged")
    assert adas.messages.get().skip_reason == "left"
    assert hers.messages.get().recipient_id == ada.pk
    undo_merge(merge=merge, user=user("alice"))
    hers.refresh_from_db()
    assert hers.member_id == lydia.pk
    assert people_in(welcome) == {"Lydia"}


def test_who_is_deleted_takes_their_way_along(sequence: Any, ada: Any) -> None:
    enrol(sequence=sequence(), member=ada)
    remove_member(member=ada)
    assert Enrolment.objects.count() == AutomatedMessage.objects.count() == 0


def test_ten_thousand_people_come_in_by_few_statements(sequence: Any) -> None:
    from automation.enrolling.domain import enrol_many

    welcome = sequence()
    people = [Member(first_name=f"P{number}", last_name="Many") for number in range(300)]
    Member.objects.bulk_create(people)
    enrol_many(sequence=welcome, members=people[:2])
    with CaptureQueriesContext(connection) as captured:
        assert enrol_many(sequence=welcome, members=people) == 298
    assert len(captured) < 20
