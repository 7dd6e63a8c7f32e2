"""Who is in a sequence and where; and the messages of which somebody has to decide."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from automation.models import AutomatedMessage, BulkMail, Suppression
from automation.sequences import domain
from members.models import Member
from tests.members.conftest import fewest_queries
from tests.pages import text_of

LIST = "/admin/automation/sequence/"
MESSAGES = f"{LIST}messages/"


def people_url(sequence, *parts):
    return f"{LIST}{sequence.pk}/people/" + "".join(f"{part}/" for part in parts)


def test_everybody_is_listed_with_where_they_are(alice, welcome, people_in):
    from automation.enrolling.domain import leave

    under_way, gone = people_in(welcome, 2)
    leave(enrolments=[gone], reason="replied")
    text = text_of(alice.get(people_url(welcome)))
    for words in (
        "2 people",
        "Newcomer0 Moab Under way",
        "Next: “Good to have you”",
        "Newcomer1 Moab Left",
        ": Replied",
    ):
        assert words in text
    assert text.count("Take out") == 1
    domain.pause(sequence=welcome)
    assert "held back by the pause" in text_of(alice.get(people_url(welcome)))
    assert under_way.pk


def test_a_merge_field_in_the_name_of_a_step_is_told_in_words(alice, welcome, people_in):
    domain.change_step(template=domain.steps_of(welcome)[0], subject="Hello {{ member.first_name | friend }}")
    people_in(welcome, 1)
    assert "Next: “Hello [first name]”" in text_of(alice.get(people_url(welcome)))


def test_people_are_filtered_by_state_and_by_the_step_they_wait_for(alice, welcome, people_in):
    from automation.enrolling.domain import leave

    _under_way, gone = people_in(welcome, 2)
    leave(enrolments=[gone], reason="taken_out")
    first, second, _third = domain.steps_of(welcome)
    for query, number in (
        ("status=active", 1), ("status=exited", 1), ("status=completed", 0), ("status=nonsense", 2),
        (f"step={first.pk}", 1), (f"step={second.pk}", 0), ("step=nonsense", 2),
    ):  # fmt: skip
        answer = alice.get(f"{people_url(welcome)}?{query}")
        assert len(answer.context["rows"]) == number, query
    assert "Nobody found" in text_of(alice.get(f"{people_url(welcome)}?status=completed"))


def test_the_list_costs_the_same_queries_for_one_person_and_for_thirty_and_has_pages(
    alice, welcome, people_in
):
    people_in(welcome, 1)
    one = fewest_queries(lambda: alice.get(people_url(welcome)))
    people_in(welcome, 59)
    assert fewest_queries(lambda: alice.get(people_url(welcome))) == one
    second = alice.get(f"{people_url(welcome)}?status=active&page=2")
    assert len(second.context["rows"]) == 10
    assert "?status=active&amp;page=1" in second.content.decode()


def test_somebody_is_found_and_added_once(alice, welcome):
    add = people_url(welcome, "add")
    ada = Member.objects.get(first_name="Ada")
    assert "Add to the sequence – Ada Lovelace" in text_of(alice.get(f"{add}?q=lovel"))
    told = text_of(alice.post(add, {"member": ada.pk}, follow=True))
    assert "The sequence begins for Ada Lovelace." in told
    assert welcome.enrolments.get().enrolled_by.email == "alice@grace.example"
    assert "in the sequence already" in text_of(alice.post(add, {"member": ada.pk}, follow=True))
    assert "Nobody found who is not in it already." in text_of(alice.get(f"{add}?q=lovel"))
    assert "Choose a person." in text_of(alice.post(add, {"member": "x"}, follow=True))
    assert alice.post(add, {"member": uuid.uuid4()}).status_code == 404


def test_somebody_is_taken_out_after_a_question(alice, welcome, people_in):
    [enrolment] = people_in(welcome, 1)
    address = people_url(welcome, enrolment.pk, "take-out")
    assert "gets nothing more of “Welcome”" in text_of(alice.get(address))
    enrolment.refresh_from_db()
    assert enrolment.status == "active"
    alice.post(address)
    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.exit_reason) == ("exited", "taken_out")
    assert "Taken out by hand" in text_of(alice.get(people_url(welcome)))


def test_nothing_to_decide_is_nothing_on_the_first_page(alice, welcome, people_in):
    people_in(welcome, 1)
    assert "automation/sequence/messages" not in alice.get("/admin/").content.decode()
    assert "There is nothing to decide" in text_of(alice.get(MESSAGES))


def test_interrupted_and_failed_messages_wait_for_a_decision(alice, welcome, people_in, settle):
    first, second = people_in(welcome, 2)
    interrupted = settle(first, "unknown")
    failed = settle(second, "failed", error_message="550 <b>No such mailbox</b>", address="gone@moab.example")
    today = text_of(alice.get("/admin/"))
    assert "1 message was interrupted" in today
    assert "1 message failed" in today
    answer = alice.get(f"{MESSAGES}?sequence={welcome.pk}&show=failed")
    text = text_of(answer)
    assert "550 <b>No such mailbox</b>" in text
    assert "<b>No such" not in answer.content.decode()
    assert "Newcomer1 Moab Failed" in text
    assert "Newcomer0" not in text
    query = f"?sequence={welcome.pk}&show=failed"
    back = alice.post(f"{MESSAGES}{failed.pk}/{query}", {"verb": "leave"})
    assert back["Location"] == f"{MESSAGES}{query}"
    assert AutomatedMessage.objects.to_decide().get() == interrupted
    story = text_of(alice.get(f"{LIST}{welcome.pk}/change/"))
    assert "1 interrupted" in story
    assert "1 failed" not in story
    again = text_of(alice.post(f"{MESSAGES}{interrupted.pk}/", {"verb": "again"}, follow=True))
    assert "The message is sent again." in again
    interrupted.refresh_from_db()
    assert interrupted.status == "pending"
    assert alice.post(f"{MESSAGES}{interrupted.pk}/", {"verb": "again"}).status_code == 404


def test_messages_to_many_stand_there_too_but_for_those_whose_rule_is_hidden(browser_session, alice):
    from members.custom_fields.domain import create_custom_field

    field = create_custom_field(label="Salary", kind="text", visible_to=["admin"])
    rule = {
        "match": "all",
        "conditions": [{"field": f"custom_fields.{field.key}", "operator": "is", "value": "x"}],
    }
    for subject, meant in (("Picnic", None), ("Rise", rule)):
        mail = BulkMail.objects.create(subject=subject, rule=meant, status="done")
        AutomatedMessage.objects.create(
            bulk_mail=mail, recipient=Member.objects.get(first_name="Ada"), message_type="email",
            status="failed", scheduled_for=timezone.now(),
        )  # fmt: skip
    shown = text_of(alice.get(MESSAGES))
    assert "Email “Picnic”" in shown
    assert "Rise" not in shown
    assert "1 message failed" in text_of(alice.get("/admin/"))
    assert "Rise" in text_of(browser_session("anna").get(MESSAGES))


@pytest.mark.parametrize("query", ["sequence=x", "step=x", f"sequence={uuid.UUID(int=1)}"])
def test_what_is_not_there_is_not_found(alice, in_grace, query):
    assert alice.get(f"{MESSAGES}?{query}").status_code == 404


def test_messages_cost_the_same_queries_for_one_and_for_thirty(alice, welcome, people_in, settle):
    for enrolment in people_in(welcome, 1):
        settle(enrolment, "failed")
    one = fewest_queries(lambda: alice.get(MESSAGES))
    first_page = fewest_queries(lambda: alice.get("/admin/"))
    for enrolment in people_in(welcome, 29):
        settle(enrolment, "failed")
    assert fewest_queries(lambda: alice.get(MESSAGES)) == one
    assert fewest_queries(lambda: alice.get("/admin/")) == first_page


def test_people_whose_address_does_not_exist_stand_on_the_first_page_until_it_is_corrected(alice, in_grace):
    from automation.consent.reading import digest_of_address
    from members.domain import change_member

    address = "lovelace@grace.example"
    Suppression.objects.create(
        channel="email", address=address, address_digest=digest_of_address(address), reason="bounced"
    )
    assert "Ada Lovelace The address does not exist" in text_of(alice.get("/admin/"))
    change_member(member=Member.objects.get(first_name="Ada"), email="ada@grace.example")
    assert "The address does not exist" not in text_of(alice.get("/admin/"))


def test_staff_see_nothing_of_messages(browser_session, welcome, people_in, settle):
    [enrolment] = people_in(welcome, 1)
    settle(enrolment, "failed")
    bob = browser_session("bob")
    assert "message failed" not in text_of(bob.get("/admin/"))
    assert bob.get(LIST).status_code == 403
