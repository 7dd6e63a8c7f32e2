"""Each message is sent once, or it stands there why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.consent.reading import digest_of_address
from automation.enrolling.progress import follow_up
from automation.models import AutomatedMessage, BulkMail, Enrolment, Suppression
from automation.provider_events import recording
from automation.provider_events.recording import Report
from automation.sending import domain, record
from automation.sending.checks import ready_of
from automation.sending.claims import claim_some
from automation.sending.planning import KIND, next_due
from automation.sending.running import send_some
from members.models import Member
from tenants import due
from tenants.context import enter_church
from tenants.domain import change_settings
from tenants.models import DueWork
from tests.automation.mail_server import CLOSE, mail_server
from tests.automation.messages import counted, enrolled, mail_to, people
from tests.services import free_port


@pytest.fixture
def inbox(settings):
    with mail_server(settings) as box:
        yield box


@pytest.fixture
def inside(grace):
    """Inside Grace, which has no quiet hours."""
    church = change_settings(church=grace, entries={"quiet_hours": None})
    with enter_church(church):
        yield church


def fresh(message):
    return AutomatedMessage.objects.get(pk=message.pk)


def wait_is_over():
    """The waits after temporary errors, and the claims of workers that fell silent, have run out."""
    AutomatedMessage.objects.exclude(claimed_until=None).update(
        claimed_until=timezone.now() - timedelta(seconds=1)
    )


def test_what_is_due_is_sent_once_with_its_links(inside, inbox):
    [message, other] = mail_to(people(2))
    AutomatedMessage.objects.filter(pk=other.pk).update(scheduled_for=timezone.now() + timedelta(hours=1))
    assert not send_some()
    assert inbox.recipients == ["p0@example.org"]
    [mail] = inbox.mails
    assert mail["Subject"] == "Hello Person 0"
    assert str(message.pk) in mail["Message-ID"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["From"].startswith("Grace Church <")
    sent = fresh(message)
    assert (sent.status, sent.address, sent.attempts) == ("sent", "p0@example.org", 1)
    assert sent.sent_at is not None
    assert sent.provider_id == mail["Message-ID"].strip("<>")
    assert next_due() == fresh(other).scheduled_for
    assert not send_some()
    assert len(inbox.envelopes) == 1


def test_a_temporary_error_is_tried_three_times_more_and_then_has_failed(inside, inbox):
    [message] = mail_to(people(1))
    waits = []
    for attempt in range(1, 5):
        inbox.script = {"RCPT": ["451 later"]}
        before = timezone.now()
        send_some()
        now = fresh(message)
        assert now.attempts == attempt
        assert "451" in now.error_message
        if attempt < 4:
            assert now.status == "pending"
            waits.append((now.claimed_until - before).total_seconds())
            # Not before its time.
            assert not send_some()
            assert fresh(message).attempts == attempt
            wait_is_over()
    # Two minutes, ten and fifty, more or less.
    for wait, minutes in zip(waits, (2, 10, 50), strict=True):
        assert 0.7 * minutes < wait / 60 < 1.3 * minutes
    assert fresh(message).status == "failed"
    assert next_due() is None


def test_a_message_that_works_the_second_time_is_sent(inside, inbox):
    [message] = mail_to(people(1))
    inbox.script = {"CONTENT": ["451 later"]}
    send_some()
    wait_is_over()
    send_some()
    assert (fresh(message).status, fresh(message).attempts) == ("sent", 2)
    assert len(inbox.envelopes) == 1


def test_waits_differ_so_that_not_all_come_back_at_once():
    assert len({record.wait_before(1) for _number in range(20)}) > 10


def test_a_permanent_error_fails_at_once_and_no_other_message_with_it(inside, inbox):
    mail_to(people(2))
    inbox.script = {"RCPT": ["550 no such person"]}
    send_some()
    assert counted() == {"failed": 1, "sent": 1}
    failed = AutomatedMessage.objects.get(status="failed")
    assert "550: no such person" in failed.error_message
    assert failed.attempts == 1


def test_no_answer_after_the_content_is_unknown_and_not_repeated(inside, inbox):
    [message] = mail_to(people(1))
    inbox.script = {"CONTENT": [CLOSE]}
    send_some()
    assert fresh(message).status == "unknown"
    wait_is_over()
    assert not send_some()
    assert next_due() is None
    assert inbox.envelopes == []


def test_a_provider_that_is_away_costs_no_attempt_and_is_left_alone_for_a_while(inside, settings):
    messages = mail_to(people(3))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    rest = send_some()
    assert timedelta(minutes=4) < rest - timezone.now() < timedelta(minutes=8)
    assert counted() == {"pending": 3}
    assert {fresh(message).attempts for message in messages} == {0}
    assert {fresh(message).claim for message in messages} == {None}
    due.replan(KIND, not_before=rest)
    assert DueWork.objects.get(kind=KIND).due_at == rest
    with mail_server(settings) as inbox:
        send_some()
        assert len(inbox.envelopes) == 3


def test_what_was_being_sent_when_its_worker_died_becomes_unknown_and_what_was_only_taken_is_sent(
    inside, inbox
):
    [first, second] = mail_to(people(2))
    claim = claim_some(10, now=timezone.now())
    AutomatedMessage.objects.filter(pk=first.pk).update(status="processing")
    # Another worker passes over both while the claim holds.
    assert not send_some()
    assert counted() == {"processing": 1, "pending": 1}
    assert next_due() == fresh(first).claimed_until
    wait_is_over()
    send_some()
    assert (fresh(first).status, fresh(second).status) == ("unknown", "sent")
    assert fresh(second).claim != claim.id
    assert inbox.recipients == [fresh(second).address]


def test_a_worker_that_was_taken_for_dead_sends_nothing_more_and_still_reports(inside, inbox):
    mail_to(people(2))
    claim = claim_some(10, now=timezone.now())
    first, second = ready_of(claim, church=inside, now=timezone.now())
    slow = record.Record(claim)
    assert slow.begin(first) is record.Begun.YES
    wait_is_over()
    send_some()
    assert fresh(first.message).status == "unknown"
    slow.sent(first, "it was slow")
    assert slow.begin(second) is record.Begun.TAKEN_AWAY
    slow.finish()
    assert fresh(first.message).status == "sent"
    assert inbox.recipients == [second.address]


def test_a_family_that_shares_an_address_gets_it_once(inside, inbox):
    messages = mail_to(people(3, address="family@example.org"))
    inbox.script = {"RCPT": ["451 later"]}
    send_some()
    # The first has to wait, so another one went.
    assert counted() == {"pending": 1, "sent": 1, "skipped": 1}
    wait_is_over()
    send_some()
    assert counted() == {"sent": 1, "skipped": 2}
    reasons = {fresh(message).skip_reason for message in messages}
    assert reasons == {"", "same_address"}
    assert inbox.recipients == ["family@example.org"]
    # Another mail is another matter.
    mail_to(Member.objects.filter(email="family@example.org")[:1])
    send_some()
    assert len(inbox.envelopes) == 2


def test_who_must_not_be_written_to_is_left_out(inside, inbox):
    declined, gone, silent, there = people(4)
    for person, changes in ((gone, {"membership_status": "deceased"}), (silent, {"email": ""})):
        Member.objects.filter(pk=person.pk).update(**changes)
    Suppression.objects.create(
        channel="email", address_digest=digest_of_address("P0@example.org "), reason="by_hand"
    )
    mail_to([declined, gone, silent, there])
    send_some()
    found = dict(AutomatedMessage.objects.values_list("recipient__email", "skip_reason"))
    assert found == {
        "p0@example.org": "suppressed", "p1@example.org": "cancelled", "": "no_address", "p3@example.org": "",
    }  # fmt: skip
    assert inbox.recipients == ["p3@example.org"]


def test_a_mail_that_was_called_off_and_a_sequence_that_was_paused_send_nothing(inside, inbox):
    [mail] = mail_to(people(1))
    [enrolment] = enrolled(people(1, address="e{}@example.org"))
    BulkMail.objects.update(status="cancelled")
    enrolment.sequence.is_active = False
    enrolment.sequence.save()
    send_some()
    assert fresh(mail).skip_reason == "cancelled"
    waiting = AutomatedMessage.objects.get(enrolment=enrolment)
    assert (waiting.status, waiting.is_held, waiting.claim) == ("pending", True, None)
    assert next_due() is None


def test_what_is_paused_between_the_check_and_the_sending_is_not_sent(inside, inbox):
    enrolled(people(2))
    begin = record.Record.begin

    def pause_before(self, ready):
        AutomatedMessage.objects.filter(status="pending").update(is_held=True)
        return begin(self, ready)

    with patch.object(record.Record, "begin", pause_before):
        send_some()
    assert counted(is_held=True) == {"pending": 2}
    assert inbox.envelopes == []


def test_quiet_hours_are_asked_again_at_the_moment_of_sending(grace, inbox):
    quiet = {"start": "21:00", "end": "08:00"}
    church = change_settings(church=grace, entries={"quiet_hours": quiet})
    with (
        enter_church(church),
        patch.object(timezone, "now", return_value=datetime(2026, 3, 8, 4, tzinfo=UTC)),
    ):
        # Ten in the evening at Chicago, before the night in which its clocks go forward.
        [message] = mail_to(people(1))
        assert not send_some()
        moved = fresh(message)
        assert (moved.status, moved.attempts, moved.claim) == ("pending", 0, None)
        assert moved.scheduled_for == datetime(2026, 3, 8, 13, tzinfo=UTC)
        assert next_due() == moved.scheduled_for
    assert inbox.envelopes == []


def test_a_message_that_cannot_be_put_together_fails_and_no_other_with_it(inside, inbox, caplog):
    [broken, whole] = mail_to(people(2))
    other = BulkMail.objects.create(subject="Broken", prepared={}, status="running")
    AutomatedMessage.objects.filter(pk=broken.pk).update(bulk_mail=other)
    send_some()
    assert (fresh(broken).status, fresh(whole).status) == ("failed", "sent")


def test_the_next_message_follows_by_the_step_and_the_last_completes(inside, inbox):
    [enrolment] = enrolled(people(1), steps=2)
    [first] = enrolment.messages.all()
    send_some()
    enrolment.refresh_from_db()
    second = enrolment.messages.get(step=1)
    assert enrolment.step == 1
    # A day after the first was due, not after it was sent.
    assert second.scheduled_for == fresh(first).scheduled_for + timedelta(days=1)
    assert DueWork.objects.get(kind=KIND).due_at <= second.scheduled_for
    assert follow_up() == 0
    AutomatedMessage.objects.filter(pk=second.pk).update(scheduled_for=timezone.now())
    send_some()
    enrolment.refresh_from_db()
    assert enrolment.status == "completed"
    assert enrolment.ended_at is not None
    assert enrolment.messages.count() == 2


@pytest.mark.parametrize(("late", "from_plan"), [(timedelta(minutes=50), True), (timedelta(hours=5), False)])
def test_what_was_held_up_for_long_moves_what_comes_after_it(inside, inbox, late, from_plan):
    planned = timezone.now() - late
    [enrolment] = enrolled(people(1), at=planned)
    send_some()
    following = enrolment.messages.get(step=1).scheduled_for - timedelta(days=1)
    sent_at = enrolment.messages.get(step=0).sent_at
    assert following == (planned if from_plan else sent_at)


@pytest.mark.parametrize("step", ["DATA", "CONTENT"])
def test_a_message_that_failed_or_is_unknown_does_not_stop_the_sequence(inside, inbox, step):
    [enrolment] = enrolled(people(1))
    inbox.script = {step: ["554 no"] if step == "DATA" else [CLOSE]}
    send_some()
    assert enrolment.messages.get(step=0).status in {"failed", "unknown"}
    assert enrolment.messages.get(step=1).status == "pending"


def test_whoever_leaves_at_the_moment_of_sending_gets_nothing_more(inside, inbox):
    [person] = people(1)
    [enrolment] = enrolled([person])
    Member.objects.filter(pk=person.pk).update(membership_status="deceased")
    send_some()
    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.exit_reason) == ("exited", "deceased")
    [message] = enrolment.messages.all()
    assert (message.status, message.skip_reason) == ("skipped", "left")
    assert inbox.envelopes == []


def test_what_a_crash_left_unfollowed_is_followed_and_somebody_who_left_is_not_taken_on(inside):
    staying, leaving = enrolled(people(2))
    AutomatedMessage.objects.update(status="sent", sent_at=timezone.now())
    Enrolment.objects.filter(pk=leaving.pk).update(status="exited")
    assert next_due() <= timezone.now()
    assert follow_up() == 2
    assert (staying.messages.count(), leaving.messages.count()) == (2, 1)
    assert not AutomatedMessage.objects.to_follow().exists()


def test_a_person_decides_about_what_failed_or_was_interrupted(inside, inbox):
    [message] = mail_to(people(1))
    with pytest.raises(ValidationError):
        domain.send_again(message=message)
    inbox.script = {"CONTENT": [CLOSE]}
    send_some()
    assert list(AutomatedMessage.objects.to_decide()) == [message]
    domain.leave_as_it_is(message=message)
    assert not AutomatedMessage.objects.to_decide().exists()
    assert fresh(message).status == "unknown"
    domain.send_again(message=message)
    assert next_due() <= timezone.now()
    send_some()
    assert fresh(message).status == "sent"
    assert len(inbox.envelopes) == 1
    with pytest.raises(ValidationError):
        domain.leave_as_it_is(message=message)


def test_a_report_of_its_arrival_settles_what_was_unknown_and_nothing_else(inside, inbox):
    unknown, failed = mail_to(people(2))
    AutomatedMessage.objects.filter(pk=unknown.pk).update(status="unknown", error_message="Interrupted")
    AutomatedMessage.objects.filter(pk=failed.pk).update(status="failed")
    for message, kind in ((unknown, "clicked"), (failed, "bounced")):
        report = Report(event_id=f"postmark:{kind}", kind=kind, at=timezone.now())
        assert recording.record(church_id=inside.pk, message_id=message.pk, report=report)
    assert (fresh(unknown).status, fresh(unknown).error_message) == ("sent", "")
    assert fresh(unknown).sent_at is not None
    assert fresh(failed).status == "failed"


def test_sending_again_takes_nobody_through_the_sequence_twice(inside, inbox):
    [enrolment] = enrolled(people(1))
    inbox.script = {"RCPT": ["550 no"]}
    send_some()
    Enrolment.objects.update(status="exited", exit_reason="taken_out")
    AutomatedMessage.objects.filter(step=1).update(status="skipped", is_followed=True)
    domain.send_again(message=enrolment.messages.get(step=0))
    send_some()
    assert enrolment.messages.get(step=0).status == "sent"
    assert enrolment.messages.count() == 2


def test_a_message_more_costs_one_transaction_of_two_statements(inside, inbox):
    def statements(count, start):
        mail_to(people(count, address=f"{start}p{{}}@example.org"))
        with CaptureQueriesContext(connection) as captured:
            send_some()
        return len(captured)

    few, many = statements(5, "a"), statements(25, "b")
    # What became of the one before, and the mark; between a savepoint and its release, as the test is a
    # transaction itself.
    assert many - few == 20 * 4
