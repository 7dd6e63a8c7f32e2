"""The doors of sequences and enrolments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from automation.enrolling.domain import enrol, enrol_many, leave
from automation.models import AutomatedMessage, Enrolment, ExitReason, Sequence
from automation.sequences import domain
from members.models import Member


def welcome(**values: Any) -> Sequence:
    made = domain.create_sequence(**{"name": "Welcome", "trigger_event": "manual", **values})
    domain.add_step(sequence=made, subject="Hello", body_html="<p>Hello</p>")
    domain.add_step(sequence=made, subject="Again", body_html="<p>Again</p>", delay_days=3)
    return made


def test_whoever_is_enrolled_has_the_first_message_planned_and_nobody_is_in_it_twice(inside: Any) -> None:
    sequence, ada = welcome(), Member.objects.get(last_name="Lovelace")
    enrolment = enrol(sequence=sequence, member=ada)
    message = AutomatedMessage.objects.get(enrolment=enrolment)
    assert (message.step, message.status, message.recipient) == (0, "pending", ada)
    assert message.scheduled_for <= timezone.now()
    with pytest.raises(ValidationError, match="in the sequence already"):
        enrol(sequence=sequence, member=ada)
    assert enrol_many(sequence=sequence, members=list(Member.objects.all())) == 3
    assert enrol_many(sequence=sequence, members=list(Member.objects.all())) == 0
    assert AutomatedMessage.objects.filter(step=0).count() == 4


def test_an_edit_leaves_the_way_of_those_under_way_as_it_was(inside: Any) -> None:
    sequence = welcome()
    jose, ada, soren, _mary = Member.objects.order_by("created_at")
    before = enrol(sequence=sequence, member=jose)
    assert enrol(sequence=sequence, member=ada).version_id == before.version_id
    first, second = domain.steps_of(sequence)
    domain.change_step(template=first, subject="Welcome")
    domain.remove_step(template=second)
    after = enrol(sequence=sequence, member=soren)
    before.version.refresh_from_db()
    assert [step["subject"] for step in before.version.steps] == ["Hello", "Again"]
    assert [step["subject"] for step in after.version.steps] == ["Welcome"]


def test_steps_move_and_keep_an_unbroken_order(inside: Any) -> None:
    sequence = welcome()
    third = domain.add_step(sequence=sequence, message_type="sms", body_text="Hi", order_index=0)
    assert [step.message_type for step in domain.steps_of(sequence)] == ["sms", "email", "email"]
    domain.move_step(template=third, position=99)
    assert [(s.order_index, s.message_type) for s in domain.steps_of(sequence)] == [
        (0, "email"), (1, "email"), (2, "sms"),
    ]  # fmt: skip


def test_a_pause_holds_what_is_to_come_and_makes_it_later_by_its_length(inside: Any) -> None:
    sequence, ada = welcome(), Member.objects.get(last_name="Lovelace")
    message = enrol(sequence=sequence, member=ada).messages.get()
    domain.pause(sequence=sequence)
    message.refresh_from_db()
    assert message.is_held
    with pytest.raises(ValidationError, match="paused"):
        enrol(sequence=sequence, member=Member.objects.get(last_name="Smith"))
    assert enrol_many(sequence=sequence, members=list(Member.objects.all())) == 0
    Sequence.objects.filter(pk=sequence.pk).update(paused_at=timezone.now() - timedelta(days=2))
    planned = message.scheduled_for
    domain.change_sequence(sequence=sequence, is_active=True)
    message.refresh_from_db()
    assert not message.is_held
    assert timedelta(days=2) <= message.scheduled_for - planned < timedelta(days=2, minutes=1)


def test_removing_a_sequence_makes_everybody_leave(inside: Any) -> None:
    sequence, ada = welcome(), Member.objects.get(last_name="Lovelace")
    enrolment = enrol(sequence=sequence, member=ada)
    domain.remove_sequence(sequence=sequence)
    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.exit_reason) == ("exited", "sequence_removed")
    message = enrolment.messages.get()
    assert (message.status, message.skip_reason, message.is_followed) == ("skipped", "left", True)
    with pytest.raises(ValidationError, match="removed"):
        enrol(sequence=sequence, member=ada)


def test_who_left_by_hand_may_come_back_and_who_went_through_only_where_that_is_said(inside: Any) -> None:
    sequence, ada = welcome(), Member.objects.get(last_name="Lovelace")
    leave(enrolments=[enrol(sequence=sequence, member=ada)], reason=ExitReason.TAKEN_OUT)
    again = enrol(sequence=sequence, member=ada)
    Enrolment.objects.filter(pk=again.pk).update(status="completed")
    with pytest.raises(ValidationError, match="went through"):
        enrol(sequence=sequence, member=ada)
    repeating = domain.change_sequence(sequence=sequence, may_repeat=True)
    assert enrol(sequence=repeating, member=ada).status == "active"


@pytest.mark.parametrize("status", ["deceased", "archived"])
def test_nobody_who_is_gone_is_enrolled(inside: Any, status: str) -> None:
    sequence = welcome()
    Member.objects.filter(last_name="Lovelace").update(membership_status=status)
    with pytest.raises(ValidationError, match="cannot be written to"):
        enrol(sequence=sequence, member=Member.objects.get(last_name="Lovelace"))
    assert enrol_many(sequence=sequence, members=list(Member.objects.all())) == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"trigger_event": "never"}, "trigger_event"),
        ({"trigger_event": "tag_added"}, "trigger_tag"),
        ({"topic": "weather"}, "topic"),
        ({"edition": 3}, "edition"),
        ({"is_active": "yes"}, "is_active"),
    ],
)
def test_a_sequence_that_says_too_little_or_too_much_is_refused(
    inside: Any, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        welcome(**values)
    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"body_html": ""}, "body_text"),
        ({"message_type": "sms"}, "body_text"),
        ({"message_type": "pigeon"}, "message_type"),
        ({"delay_days": -1}, "delay_days"),
        ({"delay_days": 10_000}, "delay_days"),
        ({"send_at": "nine"}, "send_at"),
    ],
)
def test_a_step_that_cannot_be_sent_is_refused(inside: Any, values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        domain.add_step(sequence=welcome(), **{"subject": "Hi", "body_html": "<p>Hi</p>", **values})
    assert list(refused.value.message_dict) == [field]
