"""One mail a day: at seven by the church's clock, to whom it is due, with each fact once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.domain import change_user
from notifications import digest, domain
from notifications.models import Notification
from tenants import due
from tenants.context import enter_church
from tenants.models import DueWork
from tests.notifications.kinds_for_tests import NEWS, SECRET


@pytest.fixture
def wants_mail(user, church_of):
    def choose(*actors):
        for actor in actors:
            with enter_church(church_of(actor)):
                domain.set_preference(user=user(actor), kind=NEWS, choice="digest")

    return choose


def morning_comes():
    DueWork.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    due.tick()


@pytest.mark.parametrize(
    ("moment", "following"),
    [
        ((2026, 5, 1, 11, 59), (2026, 5, 1, 12, 0)),
        ((2026, 5, 1, 12, 0), (2026, 5, 2, 12, 0)),
        # The night in which the clocks of Chicago go back, and the one in which they go forward.
        ((2026, 10, 31, 20, 0), (2026, 11, 1, 13, 0)),
        ((2026, 3, 8, 2, 0), (2026, 3, 8, 12, 0)),
    ],
)
def test_seven_by_the_churchs_clock(grace, moment, following):
    with enter_church(grace):
        assert digest.next_mail_after(datetime(*moment, tzinfo=UTC)) == datetime(*following, tzinfo=UTC)


def test_one_mail_with_all_that_waits(tell, wants_mail, work_queue, grace, user):
    wants_mail("bob", "vera")
    tell("bob", "bread is <out>", url="/admin/members/")
    tell("bob", "wine is in")
    tell("vera", "choir sings")
    tell("anna", "at once")
    due_at = DueWork.objects.get(church=grace, kind=digest.NAME).due_at
    with enter_church(grace):
        assert due_at == digest.next_mail_after(timezone.now())
    due.tick()
    work_queue()
    assert mail.outbox == []
    morning_comes()
    work_queue()
    mails = {message.to[0]: message for message in mail.outbox}
    assert set(mails) == {"bob@grace.example", "vera@grace.example"}
    text = mails["bob@grace.example"].body
    assert mails["bob@grace.example"].subject == "New at Grace Church"
    assert "- News: bread is <out>\n  http://grace.localhost" in text
    assert "/admin/members/\n- News: wine is in" in text
    assert "/admin/notifications/preferences/" in text
    assert not DueWork.objects.filter(church=grace, kind=digest.NAME).exists()
    # Whoever is handed the work again sends nothing twice.
    with enter_church(grace):
        digest.send_due()
    work_queue()
    assert len(mail.outbox) == 2
    tell("bob", "next day")
    morning_comes()
    work_queue()
    assert "bread" not in mail.outbox[2].body


def test_whom_it_no_longer_concerns_gets_no_mail(tell, wants_mail, work_queue, grace, user):
    wants_mail("bob", "vera")
    tell("bob", "bread")
    tell("vera", "bread")
    with enter_church(grace):
        change_user(user=user("bob"), is_active=False)
        Notification.objects.filter(user=user("vera")).update(kind=SECRET)
    morning_comes()
    work_queue()
    assert mail.outbox == []
    with enter_church(grace):
        assert not Notification.objects.to_mail().exists()


def test_a_long_mail_names_the_first_and_counts_the_rest(tell, wants_mail, work_queue, grace):
    wants_mail("bob")
    for number in range(53):
        tell("bob", f"fact {number}")
    morning_comes()
    work_queue()
    [message] = mail.outbox
    assert message.body.count("News: fact") == 50
    assert "… and 3 more." in message.body
