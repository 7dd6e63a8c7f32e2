"""Sequences that a church need not write, and those of the demo."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from automation import demo, ready_made
from automation.models import AutomatedMessage, Enrolment, Sequence
from automation.ready_made import english, spanish
from automation.sequences.domain import steps_of
from members.models import Member
from tenants.context import enter_church
from tenants.domain import change_settings

KEYS = ["welcome", "first_visit", "prayer"]


@pytest.mark.parametrize(("language", "name"), [("en", "Welcome"), ("es", "Bienvenida")])
def test_each_is_added_in_the_churchs_language_and_waits_to_be_started(
    grace: Any, language: str, name: str
) -> None:
    with enter_church(change_settings(church=grace, language=language)):
        made = [ready_made.add_ready_made(one.key) for one in ready_made.offered()]
        assert made[0].name == name
        for sequence in made:
            assert not sequence.is_active
            assert len(steps_of(sequence)) >= 2
            assert all(
                ("<p>" in step.body_html and step.send_at) or not step.delay_days
                for step in steps_of(sequence)
            )


def test_both_languages_offer_the_same() -> None:
    for first, second in zip(english.SEQUENCES, spanish.SEQUENCES, strict=True):
        assert first.key == second.key
        assert (first.trigger_event, first.topic, first.options) == (
            second.trigger_event, second.topic, second.options,
        )  # fmt: skip
        assert [(s.days, s.at) for s in first.steps] == [(s.days, s.at) for s in second.steps]
    assert [one.key for one in english.SEQUENCES] == KEYS


def test_nobody_knows_another(inside: Any) -> None:
    with pytest.raises(KeyError):
        ready_made.add_ready_made("unknown")


def test_the_demo_shows_people_at_various_steps(inside: Any, user: Any) -> None:
    Member.objects.bulk_create(
        Member(first_name=f"P{number}", last_name="Many", email=f"p{number}@many.example")
        for number in range(20)
    )
    demo.people_on_their_way({"staff": user("bob")})
    assert Sequence.objects.running().count() == 2
    statuses = set(Enrolment.objects.values_list("status", flat=True))
    assert {"active", "exited"} <= statuses
    for enrolment in Enrolment.objects.under_way():
        pending = enrolment.messages.get(status="pending")
        assert pending.step == enrolment.step
        assert pending.scheduled_for >= timezone.now() or enrolment.step == 0
    sent = AutomatedMessage.objects.filter(status="sent")
    assert sent.exists()
    assert all(message.sent_at < timezone.now() for message in sent)
