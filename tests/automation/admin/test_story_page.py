"""The pages of a sequence: the list, the story, its verbs."""

from __future__ import annotations

from datetime import time

import pytest

from automation.models import Sequence
from automation.sequences import domain
from tests.members.conftest import fewest_queries
from tests.pages import text_of

LIST = "/admin/automation/sequence/"
ATTACK = "<script>alert(1)</script>"


def story(sequence):
    return f"{LIST}{sequence.pk}/change/"


def texts_in_order(text, *parts):
    places = [text.index(part) for part in parts]
    assert places == sorted(places), list(zip(parts, places, strict=True))


def test_the_page_of_a_sequence_reads_like_a_story(alice, welcome):
    text = text_of(alice.get(story(welcome)))
    texts_in_order(
        text,
        "When somebody is new",
        "At once",
        "Good to have you",
        "Dear first name , hello.",
        "3 days later",
        "Coffee on Sunday?",
        "7 days later",
        "Next steps",
        "See this",
        "Then it is over.",
        "when somebody replies",
        "when somebody was visited",
    )
    assert "17 characters, 1 part" in text
    assert "loses the tag" not in text


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        ({"delay_days": 1}, "1 day later"),
        ({"delay_hours": 2}, "2 hours later"),
        ({"delay_days": 2, "delay_hours": 1, "send_at": time(10)}, "2 days and 1 hour later, at 10 a.m."),
        ({"send_at": time(10, 30)}, "As soon as it is 10:30 a.m."),
        ({}, "Right after that"),
    ],
)
def test_waits_are_told_in_words(alice, welcome, wait, words):
    domain.add_step(sequence=welcome, subject="Last", body_text="Bye", **wait)
    assert f"{words} mail Email Last" in text_of(alice.get(story(welcome)))


def test_what_was_counted_stands_at_each_step_and_once_more_in_a_table(alice, welcome, people_in, settle):
    first, second, third, _fourth = people_in(welcome, 4)
    settle(first, "sent")
    settle(second, "failed")
    settle(third, "unknown")
    answer = alice.get(story(welcome))
    text = text_of(answer)
    for words in (
        "1 person waits for it",
        "sent 1",
        "delivered 0",
        "1 failed",
        "1 interrupted",
        "Under way",
        "All numbers as a table",
    ):
        assert words in text
    table = answer.context["table"]
    assert [str(column) for column in table["columns"]][:2] == ["waiting", "sent"]
    assert (table["rows"][0]["name"], table["rows"][0]["cells"][:2]) == ("Good to have you", [1, 1])
    assert [card["counts"] for card in answer.context["cards"][1:]] == [[], []]


def test_what_is_yet_the_earlier_wording_is_told(alice, welcome, people_in):
    people_in(welcome, 2)
    assert "earlier wording" not in text_of(alice.get(story(welcome)))
    domain.change_step(template=domain.steps_of(welcome)[0], subject="So good to have you")
    assert "2 people still go through the earlier wording." in text_of(alice.get(story(welcome)))


def test_a_pause_is_one_press_and_so_is_going_on(alice, welcome, people_in):
    [enrolment] = people_in(welcome, 1)
    act = f"{LIST}{welcome.pk}/act/"
    paused = text_of(alice.post(act, {"verb": "pause"}, follow=True))
    assert "nothing is sent until you let it go on" in paused
    assert "later by the length of the pause" in paused
    assert enrolment.messages.get().is_held
    assert "Running" in text_of(alice.post(act, {"verb": "resume"}, follow=True))
    assert alice.post(act, {"verb": "explode"}).status_code == 404
    assert alice.get(act).status_code == 405


def test_the_list_tells_what_starts_each_how_many_are_in_it_and_when_it_sent(
    alice, welcome, people_in, settle
):
    enrolment, _other = people_in(welcome, 2)
    settle(enrolment, "sent")
    domain.pause(sequence=domain.create_sequence(name="Birthday", trigger_event="birthday"))
    answer = alice.get(LIST)
    text = text_of(answer)
    for words in (
        "Welcome When somebody is new Running 2 0",
        "Birthday When somebody has their birthday Paused 0 0 –",
    ):
        assert words in text
    assert "Birthday" not in text_of(alice.get(f"{LIST}?state=running"))


def test_a_sequence_is_made_changed_and_removed(alice, in_grace):
    values = {
        "name": "Choir",
        "trigger_event": "tag_added",
        "trigger_tag": "",
        "topic": "news",
        "description": "",
    }
    refused = alice.post(f"{LIST}add/", values)
    assert "Say which tag." in text_of(refused)
    made = text_of(
        alice.post(
            f"{LIST}add/", {**values, "trigger_tag": "Choir", "exit_when_tag_removed": "on"}, follow=True
        )
    )
    assert "When somebody gets the tag “Choir”" in made
    assert "when somebody loses the tag “Choir”" in made
    assert "Add the first step" in made
    assert "Start it Nobody comes in and nothing is sent before you start it." in made
    sequence = Sequence.objects.get()
    assert (sequence.is_active, sequence.exit_when_replied) == (False, False)
    form = alice.get(f"{story(sequence)}?edit=1")
    assert "Back to the sequence" in text_of(form)
    changed = {**values, "trigger_event": "manual", "name": "The choir", "may_repeat": "on"}
    text = text_of(alice.post(f"{story(sequence)}?edit=1", changed, follow=True))
    assert "The choir" in text
    assert "When you add somebody yourself" in text
    assert "Whoever is in it gets nothing more." in text_of(alice.get(f"{LIST}{sequence.pk}/delete/"))
    alice.post(f"{LIST}{sequence.pk}/delete/", {"post": "yes"})
    assert not Sequence.objects.present().exists()
    assert Sequence.objects.exists()
    assert alice.get(f"{LIST}{sequence.pk}/people/").status_code == 404


def test_without_a_sequence_ready_made_ones_are_offered_and_made_with_one_press(alice, in_grace):
    empty = alice.get(LIST)
    text = text_of(empty)
    assert "Start with an empty one" in text
    assert "Start with an empty one" in text_of(alice.get(f"{LIST}add/"))
    assert "How it starts" in text_of(alice.get(f"{LIST}add/?empty=1"))
    cards = empty.context["ready_made"]
    assert len(cards) == 3
    made = alice.post(f"{LIST}ready-made/", {"key": cards[0]["key"]}, follow=True)
    assert cards[0]["name"] in text_of(made)
    assert "Then it is over." in text_of(made)
    sequence = Sequence.objects.get()
    step = domain.steps_of(sequence)[0]
    form = alice.get(f"{LIST}{sequence.pk}/steps/{step.pk}/").context["form"]
    assert form["text"].value().startswith("Dear {{ member.first_name | friend }},\n\nwe are glad")
    assert alice.post(f"{LIST}ready-made/", {"key": "unknown"}).status_code == 404


def test_markup_in_names_and_texts_is_shown_as_text(alice, in_grace):
    sequence = domain.create_sequence(
        name=f"A {ATTACK}", description=ATTACK, trigger_event="tag_added", trigger_tag=ATTACK[:50]
    )
    domain.add_step(sequence=sequence, subject=f"S {ATTACK}", body_text=f"T {ATTACK}")
    domain.add_step(sequence=sequence, message_type="sms", body_text=f"M {ATTACK}")
    step = domain.steps_of(sequence)[0]
    for address in (
        LIST, story(sequence), f"{story(sequence)}?edit=1", f"{LIST}{sequence.pk}/steps/{step.pk}/",
        f"{LIST}{sequence.pk}/steps/{step.pk}/remove/", f"{LIST}{sequence.pk}/people/",
        f"{LIST}{sequence.pk}/people/add/", f"{LIST}{sequence.pk}/delete/",
    ):  # fmt: skip
        answer = alice.get(address)
        assert answer.status_code == 200, address
        assert ATTACK not in answer.content.decode(), address
    assert f"S {ATTACK}" in text_of(alice.get(story(sequence)))


def test_a_list_costs_the_same_queries_for_one_sequence_and_for_thirty(alice, welcome, people_in):
    people_in(welcome, 1)
    one = fewest_queries(lambda: alice.get(LIST))
    for number in range(29):
        other = domain.create_sequence(name=f"Other {number}", trigger_event="manual")
        domain.add_step(sequence=other, subject="Hello", body_text="Hello")
    assert fewest_queries(lambda: alice.get(LIST)) == one


def test_a_story_costs_the_same_queries_for_one_step_and_for_thirty(alice, in_grace, people_in):
    sequence = domain.create_sequence(name="Long", trigger_event="manual")
    domain.add_step(sequence=sequence, subject="Hello", body_text="Hello")
    people_in(sequence, 1)
    one = fewest_queries(lambda: alice.get(story(sequence)))
    for number in range(29):
        domain.add_step(sequence=sequence, subject=f"Hello {number}", body_text="Hello", delay_days=1)
    assert fewest_queries(lambda: alice.get(story(sequence))) == one
