"""The steps of a sequence: writing one, moving it, switching it off, removing it."""

from __future__ import annotations

from datetime import time

import pytest

from automation.models import EmailTemplate
from automation.sequences import domain
from tests.pages import text_of

LIST = "/admin/automation/sequence/"
VALUES = {
    "delay_days": "3",
    "delay_hours": "0",
    "send_at": "10:00",
    "subject": "Hello",
    "text": "First.\n\n*Second.*",
}


def steps_url(sequence, *parts):
    return f"{LIST}{sequence.pk}/steps/" + "".join(f"{part}/" for part in parts)


def subjects(sequence):
    return [step.subject or step.body_text for step in domain.steps_of(sequence)]


def test_a_step_is_written_plainly_and_stands_where_it_was_asked_for(alice, welcome):
    address = f"{steps_url(welcome, 'add')}?at=1"
    form = text_of(alice.get(address))
    assert "{{ member.first_name }} first name" in form
    assert "event.title" not in form
    told = text_of(alice.post(address, VALUES, follow=True))
    assert "The step was added." in told
    assert "3 days later, at 10 a.m." in told
    assert subjects(welcome) == ["Good to have you", "Hello", "Coffee on Sunday?", "Next steps"]
    step = EmailTemplate.objects.get(subject="Hello")
    assert (step.body_html, step.body_text, step.send_at) == ("", "First.\n\n*Second.*", time(10))
    shown = alice.get(steps_url(welcome, step.pk)).context["form"]
    assert {name: str(shown[name].value()) for name in VALUES} == {**VALUES, "send_at": "10:00:00"}


def test_html_is_kept_as_html_and_cleaned(alice, welcome):
    text = '<p onclick="alert(1)">Hello <b>you</b></p><script>alert(1)</script>'
    alice.post(steps_url(welcome, "add"), {**VALUES, "text": text})
    step = EmailTemplate.objects.get(subject="Hello")
    assert (step.body_html, step.body_text) == ("<p>Hello <b>you</b></p>", "")
    alice.post(steps_url(welcome, step.pk), {**VALUES, "text": "Plain again"})
    step.refresh_from_db()
    assert (step.body_html, step.body_text) == ("", "Plain again")


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"subject": ""}, "subject", "This field is required."),
        ({"text": " "}, "text", "This field is required."),
        ({"text": "Dear {{ member.frist_name }}"}, "text", "Did you mean"),
        ({"subject": "{{ event.title }}"}, "subject", "registration for an event"),
        ({"delay_days": "-1"}, "delay_days", "greater than or equal to 0"),
        ({"send_at": "late"}, "send_at", "Enter a valid time."),
    ],
)
def test_what_cannot_be_sent_is_said_at_its_field(alice, welcome, wrong, field, words):
    answer = alice.post(steps_url(welcome, "add"), {**VALUES, **wrong})
    assert answer.status_code == 200
    assert words in " ".join(answer.context["form"].errors[field])
    assert words in text_of(answer)
    assert len(subjects(welcome)) == 3


def test_a_text_message_tells_its_length_before_it_is_saved(alice, welcome):
    address = f"{steps_url(welcome, 'add')}?type=sms"
    assert "160 simple characters" in text_of(alice.get(address))
    given = {"delay_days": "0", "delay_hours": "1", "send_at": "", "text": "x" * 161}
    looked = alice.post(address, {**given, "look": "1"})
    assert "161 characters, sent as 2 parts." in text_of(looked)
    assert len(subjects(welcome)) == 3
    alice.post(address, given)
    step = domain.steps_of(welcome)[-1]
    assert (step.message_type, step.subject, step.body_text) == ("sms", "", "x" * 161)
    # Made a mail of: the other kind of form, all of it saved.
    alice.post(f"{steps_url(welcome, step.pk)}?type=email", VALUES)
    step.refresh_from_db()
    assert (step.message_type, step.subject) == ("email", "Hello")


def test_only_what_was_changed_is_saved(alice, welcome):
    step = domain.steps_of(welcome)[0]
    form = alice.get(steps_url(welcome, step.pk)).context["form"]
    same = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    domain.change_step(template=step, delay_days=9)
    alice.post(steps_url(welcome, step.pk), {**same, "subject": "Changed"})
    step.refresh_from_db()
    assert (step.subject, step.delay_days) == ("Changed", 0)
    edition = domain.current_version(welcome).number
    form = alice.get(steps_url(welcome, step.pk)).context["form"]
    same = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    alice.post(steps_url(welcome, step.pk), same)
    assert domain.current_version(welcome).number == edition


def test_steps_are_moved_switched_off_and_removed(alice, welcome):
    first, second, third = domain.steps_of(welcome)

    def act(step, verb):
        return alice.post(steps_url(welcome, step.pk, "act"), {"verb": verb}, follow=True)

    act(third, "up")
    act(first, "down")
    assert subjects(welcome) == ["Next steps", "Good to have you", "Coffee on Sunday?"]
    act(third, "up")
    act(second, "down")
    assert subjects(welcome) == ["Next steps", "Good to have you", "Coffee on Sunday?"]
    off = act(first, "off")
    assert "Switched off" in text_of(off)
    assert [step["subject"] for step in domain.current_version(welcome).steps] == ["Next steps", ""]
    assert "Switched off" not in text_of(act(first, "on"))
    assert act(first, "x").status_code == 404
    asked = text_of(alice.get(steps_url(welcome, second.pk, "remove")))
    assert "Whoever is under way goes through the steps as they were." in asked
    assert "The step was removed." in text_of(
        alice.post(steps_url(welcome, second.pk, "remove"), follow=True)
    )
    assert subjects(welcome) == ["Next steps", "Good to have you"]
    assert alice.get(steps_url(welcome, second.pk)).status_code == 404


def test_a_step_of_another_sequence_is_not_found_here(alice, welcome):
    other = domain.create_sequence(name="Other", trigger_event="manual")
    step = domain.steps_of(welcome)[0]
    for parts in ((step.pk,), (step.pk, "remove")):
        assert alice.get(steps_url(other, *parts)).status_code == 404
