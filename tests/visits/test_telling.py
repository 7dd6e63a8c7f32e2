"""Both sides learn what becomes of a visit; reminders come once, at the hour where people live."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils import timezone, translation
from django.utils.formats import date_format

from members.models import Member
from notifications.kinds import kinds
from notifications.models import Notification
from tenants import due
from tenants.context import enter_church
from tenants.models import DueWork
from tests.visits.conftest import CHICAGO, at
from visits import domain, signals
from visits.calendars import change_calendar
from visits.models import Visit
from visits.reminders import next_reminder, send_reminders


@pytest.fixture
def ada(grace):
    with enter_church(grace):
        return Member.objects.get(last_name="Lovelace")


def told(user, grace):
    """What a user was told, as they read it."""
    with enter_church(grace), timezone.override(grace.timezone):
        rows = Notification.objects.filter(user=user).order_by("number")
        return [kinds[row.kind].text(row.data) for row in rows]


def test_moving_a_visit_keeps_the_chain_and_tells_both_sides(book, ada, grace, user, work_queue):
    heard = []
    signals.visit_rescheduled.connect(lambda **told: heard.append(told), weak=False, dispatch_uid="test")
    first = book(at(3, "10:00"), member=ada, location="Ward 3")
    with enter_church(grace):
        second = domain.reschedule_visit(visit=first, user=user("bob"), scheduled_datetime=at(4, "15:00"))
        third = domain.reschedule_visit(visit=second, user=user("bob"), scheduled_datetime=at(5, "16:00"))
        chain = [
            (visit.status, visit.sequence, visit.rescheduled_from_id)
            for visit in Visit.objects.order_by("scheduled_datetime")
        ]
    signals.visit_rescheduled.disconnect(dispatch_uid="test")
    assert chain == [
        ("rescheduled", 0, None), ("rescheduled", 1, first.pk), ("scheduled", 2, second.pk)
    ]  # fmt: skip
    assert first.calendar_uid == third.calendar_uid
    assert [(told["before"].pk, told["visit"].pk) for told in heard] == [
        (first.pk, second.pk), (second.pk, third.pk)
    ]  # fmt: skip
    work_queue()
    message = mail.outbox[0]
    assert message.to == ["lovelace@grace.example"]
    assert message.reply_to == ["alice@grace.example"]
    assert message.subject == "Your visit from Grace Church has a new time"
    assert "Hello Ada Lovelace" in message.body
    assert "10 a.m." in message.body
    assert "3 p.m." in message.body
    assert "Ward 3" in message.body
    texts = told(user("alice"), grace)
    assert [text.split(" of ")[0].split(":")[0] for text in texts] == [
        "A visit was planned for you", "A visit", "A visit"
    ]  # fmt: skip
    # A notice outlives an erasure, so nobody's name is in one.
    with enter_church(grace):
        assert "Lovelace" not in str(list(Notification.objects.values_list("data", "url")))


def test_mail_is_in_the_churchs_language_and_in_the_time_of_whoever_is_visited(
    book, ada, grace, user, work_queue
):
    grace.language = "es"
    grace.save()
    visit = book(at(3, "10:00"), member=ada, timezone="Asia/Tokyo")
    with enter_church(grace):
        domain.cancel_visit(visit=visit, user=user("bob"))
    work_queue()
    (message,) = mail.outbox
    local = visit.scheduled_datetime.astimezone(datetime.now(UTC).tzinfo) + timedelta(hours=9)
    with translation.override("es"):
        assert date_format(local, "DATE_FORMAT") in message.body
    assert "(JST)" in message.body


def test_who_acts_need_not_be_told_and_the_past_is_not_written_about(book, grace, user, work_queue, ada):
    visit = book(at(3), member=ada)
    old = book(at(-3), member=ada)
    with enter_church(grace):
        domain.change_visit(visit=visit, user=user("alice"), location="Ward 4")
        domain.cancel_visit(visit=visit, user=user("alice"))
        domain.cancel_visit(visit=old, user=user("alice"))
    work_queue()
    assert len(mail.outbox) == 1
    assert len(told(user("alice"), grace)) == 1


def test_another_pastor_and_another_time_are_told_to_whom_they_concern(book, grace, user, work_queue, ada):
    visit = book(at(3), member=ada)
    with enter_church(grace):
        domain.change_visit(visit=visit, user=user("bob"), assigned_pastor=user("anna"))
        domain.change_visit(visit=visit, user=user("bob"), scheduled_datetime=at(4))
    work_queue()
    assert [text.split()[0] for text in told(user("alice"), grace)] == ["A", "The"]
    assert len(told(user("anna"), grace)) == 2
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("zone", "days"), [("America/Chicago", 3), ("Asia/Tokyo", 3)])
def test_a_reminder_is_due_the_day_before_at_nine_where_they_live(book, grace, zone, days):
    visit = book(at(days, "20:00"), timezone=zone)
    local = visit.remind_at.astimezone(ZoneInfo(zone))
    there = visit.scheduled_datetime.astimezone(local.tzinfo)
    assert (local.hour, local.minute) == (9, 0)
    assert local.date() == there.date() - timedelta(days=1)
    assert visit.remind_pastor_at.astimezone(CHICAGO).hour == 7
    with enter_church(grace):
        row = DueWork.objects.get(kind="visits.reminders")
        assert row.due_at == min(visit.remind_at, visit.remind_pastor_at) == next_reminder()


def later(at_time):
    """The time is ``at_time``."""
    return patch("django.utils.timezone.now", lambda: at_time)


def test_reminders_are_sent_once_and_follow_the_visit(book, grace, user, work_queue, ada):
    stays = book(at(3, "10:00"), member=ada)
    moved = book(at(3, "12:00"), member=ada)
    called_off = book(at(3, "14:00"), member=ada)
    with enter_church(grace):
        change_calendar(user=user("alice"), timezone="")
        new = domain.reschedule_visit(visit=moved, user=user("bob"), scheduled_datetime=at(8))
        domain.cancel_visit(visit=called_off, user=user("bob"))
    work_queue()
    mail.outbox.clear()
    with enter_church(grace):
        before = len(told(user("alice"), grace))
        for _time in range(2):
            with later(stays.remind_at + timedelta(minutes=1)):
                send_reminders()
        work_queue()
        assert [message.subject for message in mail.outbox] == ["Tomorrow: your visit from Grace Church"]
        assert next_reminder() == stays.remind_pastor_at
        for _time in range(2):
            with later(stays.remind_pastor_at + timedelta(minutes=1)):
                send_reminders()
        assert told(user("alice"), grace)[before:] == ["You have 1 visit today."]
        assert next_reminder() == new.remind_at
        # After an outage nobody is reminded of what has been.
        with later(new.scheduled_datetime + timedelta(hours=5)):
            send_reminders()
        assert next_reminder() is None
    work_queue()
    assert len(mail.outbox) == 1


def test_the_minutes_tick_does_the_reminders(book, grace, work_queue, ada):
    visit = book(at(3), member=ada)
    with later(visit.remind_at + timedelta(minutes=1)):
        assert due.tick()
        work_queue()
    assert len(mail.outbox) == 1
    with enter_church(grace):
        assert DueWork.objects.get(kind="visits.reminders").due_at == visit.remind_pastor_at


def test_a_visit_agreed_on_for_tomorrow_needs_no_reminder_that_is_over(book):
    visit = book(timezone.now() + timedelta(minutes=30))
    assert visit.remind_at is None


def test_a_visit_that_follows_up_another_settles_its_date(book, grace, user):
    first = book(at(-3))
    with enter_church(grace):
        domain.complete_visit(visit=first, user=user("alice"), follow_up_on=at(0).date())
        assert [visit.pk for visit in Visit.objects.to_follow_up()] == [first.pk]
    book(at(2), origin_kind="visit", origin_id=first.pk)
    with enter_church(grace):
        assert not Visit.objects.to_follow_up()
