"""Each church has its turn, however much another has to send; and nothing is sent by two at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from automation.models import AutomatedMessage
from automation.sending.planning import KIND
from automation.sending.running import send_some
from members.models import Member
from tenants import due
from tenants.context import enter_church, outside_churches
from tenants.domain import change_settings, resume_church, suspend_church
from tenants.models import Church, DueWork
from tenants.queue import InOrder
from tests.automation.mail_server import mail_server
from tests.automation.messages import counted, mail_to, people
from tests.parallel import at_once


@pytest.fixture
def inbox(settings):
    with mail_server(settings) as box:
        yield box


@pytest.fixture
def churches(db):
    """Grace and Hope, without quiet hours."""
    return [
        change_settings(church=church, entries={"quiet_hours": None})
        for church in Church.objects.order_by("subdomain")
    ]


def fill(church, count):
    with enter_church(church):
        mail_to(people(count, address=f"{{}}@{church.subdomain}.example"))


def test_a_church_with_much_to_send_does_not_hold_up_another(churches, inbox, settings, work_queue):
    settings.MESSAGES_AT_ONCE = 20
    grace, hope = churches
    fill(grace, 100)
    fill(hope, 5)
    assert due.tick() == 2
    worked = work_queue()
    homes = [address.partition("@")[2] for address in inbox.recipients]
    assert len(homes) == 105
    assert homes.index("hope.example") == 20
    assert homes[20:25] == ["hope.example"] * 5
    # Without waiting for the next minute.
    assert worked == 7
    assert not DueWork.objects.filter(kind=KIND).exists()
    assert OrmQ.objects.count() == 0


def test_the_queue_is_worked_in_the_order_in_which_it_was_filled(db):
    made = [
        OrmQ.objects.create(key="churchsaas", payload=str(number), lock=timezone.now()) for number in range(3)
    ]
    # PostgreSQL reads a changed row where it lies now: behind the others.
    OrmQ.objects.filter(pk=made[0].pk).update(payload="first")
    broker = InOrder(list_key="churchsaas")
    assert [broker.dequeue()[0][1] for _job in made] == ["first", "1", "2"]


def test_the_next_portion_keeps_the_church_in_one_hand(churches, inbox, settings):
    """A job whose work was handed out again meanwhile does not go on beside the new one."""
    settings.MESSAGES_AT_ONCE = 2
    grace, _hope = churches
    fill(grace, 10)
    due.tick()
    until = DueWork.objects.get(church=grace, kind=KIND).due_at
    OrmQ.objects.all().delete()
    due.work_due(church_id=str(grace.pk), kind=KIND, until=until.isoformat())
    held = DueWork.objects.get(church=grace, kind=KIND).due_at
    assert held > until
    assert OrmQ.objects.count() == 1
    due.work_due(church_id=str(grace.pk), kind=KIND, until=until.isoformat())
    assert OrmQ.objects.count() == 1
    assert DueWork.objects.get(church=grace, kind=KIND).due_at == held
    assert len(inbox.envelopes) == 4


def test_a_suspended_church_sends_nothing_until_it_resumes(churches, inbox, work_queue):
    grace, hope = churches
    fill(grace, 3)
    fill(hope, 1)
    due.tick()
    suspend_church(church=grace)
    work_queue()
    assert len(inbox.envelopes) == 1
    DueWork.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    due.tick()
    work_queue()
    assert len(inbox.envelopes) == 1
    resume_church(church=grace)
    due.tick()
    work_queue()
    assert len(inbox.envelopes) == 4


def test_a_church_that_is_suspended_while_it_sends_stops(churches, inbox, monkeypatch):
    monkeypatch.setattr("automation.sending.running.SECONDS_BETWEEN_LOOKS", 0.0)
    grace, _hope = churches
    fill(grace, 3)
    Church.objects.filter(pk=grace.pk).update(status="suspended")
    with enter_church(grace):
        assert send_some() is True
        assert counted() == {"pending": 3}
    assert inbox.envelopes == []


def test_an_idle_tick_is_one_query(churches):
    with enter_church(churches[0]):
        due.plan(KIND, timezone.now() + timedelta(hours=1))
    with outside_churches():
        DueWork.objects.exists()
        with CaptureQueriesContext(connection) as captured:
            assert due.tick() == 0
    asked = [
        query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "SET"))
    ]
    assert len(asked) == 1


@pytest.mark.slow
def test_two_workers_at_once_send_each_message_once_and_a_shared_address_once(own_database, settings):
    settings.MESSAGES_AT_ONCE = 7
    grace = change_settings(church=Church.objects.get(subdomain="grace"), entries={"quiet_hours": None})
    fill(grace, 40)
    with enter_church(grace):
        # Pairs that share an address: which of the two goes is decided when it is sent.
        for number in range(0, 40, 2):
            pair = Member.objects.filter(email__in=[f"{number}@grace.example", f"{number + 1}@grace.example"])
            pair.update(email=f"pair{number}@grace.example")

    def work():
        with enter_church(grace):
            while send_some():
                pass

    with mail_server(settings) as inbox:
        at_once(work, work)
        sent = inbox.recipients
    assert sorted(sent) == sorted(f"pair{number}@grace.example" for number in range(0, 40, 2))
    with enter_church(grace):
        assert counted() == {"sent": 20, "skipped": 20}
        assert set(
            AutomatedMessage.objects.filter(status="skipped").values_list("skip_reason", flat=True)
        ) == {"same_address"}
