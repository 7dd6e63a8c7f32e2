"""One message to many: written, counted, confirmed, written down in portions, called off."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from automation.bulk_mail import domain, running
from automation.bulk_mail.reading import mails_for, progress_of
from automation.bulk_mail.when import send_time
from automation.consent.reading import digest_of_address
from automation.models import AutomatedMessage, BulkMail, Suppression
from members.custom_fields.domain import create_custom_field
from members.domain import create_member
from members.models import Member
from tenants import due
from tenants.context import enter_church, outside_churches
from tenants.models import DueWork
from tests.automation.written import a_draft
from tests.members.conftest import fewest_queries

Status = BulkMail.Status
CHOIR = {"match": "all", "conditions": [{"field": "tags", "operator": "has", "value": "Choir"}]}


@pytest.fixture
def in_grace(grace):
    """Grace, without quiet hours: tests run at night, too."""
    grace.settings = {**grace.settings, "quiet_hours": None}
    grace.save()
    with enter_church(grace), timezone.override(grace.timezone):
        yield grace


def confirmed(mail, user):
    reached = domain.recipients_for(mail, user).reached
    return domain.confirm(mail=mail, user=user, expected=reached, seen=domain.state_of(mail))


def decline(address, topic=""):
    Suppression.objects.create(
        channel="email",
        topic=topic,
        address=address,
        address_digest=digest_of_address(address),
        reason="by_hand",
    )


def awkward_people():
    """Five who are not written to, each for another reason, and one who is."""
    create_member(first_name="Nobody", last_name="Nowhere")
    create_member(first_name="Twin", last_name="Smith", email="Smith@grace.example")
    create_member(
        first_name="Dead", last_name="Poet", email="dead@grace.example", membership_status="deceased"
    )
    create_member(
        first_name="Left", last_name="Records", email="left@grace.example", membership_status="archived"
    )
    create_member(first_name="No", last_name="News", email="no@grace.example")
    create_member(first_name="No", last_name="Events", email="events@grace.example")
    decline("NO@grace.example", "news")
    decline("events@grace.example", "events")


def test_each_person_is_counted_once_with_the_reason(in_grace, user):
    awkward_people()
    counted = domain.recipients_for(a_draft(user("alice")), user("alice"))
    assert counted.people == Member.objects.count() == 10
    assert (counted.reached, counted.no_address, counted.declined, counted.same_address, counted.gone) == (
        5,
        1,
        1,
        1,
        2,
    )


def test_counting_asks_the_same_number_of_questions_for_many(in_grace, user, django_assert_num_queries):
    mail, alice = a_draft(user("alice")), user("alice")
    for number in range(30):
        create_member(first_name="P", last_name=str(number), email=f"p{number}@grace.example")
    with django_assert_num_queries(2):
        assert domain.recipients_for(mail, alice).reached == 34


def test_text_messages_are_counted_by_what_each_person_gets(in_grace, user):
    mail = a_draft(
        user("alice"), message_type="sms", subject="", body_text="{{ member.first_name }} " + "x" * 155
    )
    create_member(first_name="Maximiliana", last_name="Long", phone="(217) 555-0199")
    create_member(first_name="Desk", last_name="Only", phone="(217) 555-0198 ext. 4")
    counted = domain.recipients_for(mail, user("alice"))
    # Ada's name makes 159 characters, all others' go over 160 but for Mary's and José's.
    assert counted.reached == 5
    assert counted.no_address == 1
    assert 5 < counted.parts < 10
    assert counted.cost is None or counted.cost > 0


def test_a_confirmed_message_is_written_down_for_everybody_once(in_grace, user):
    awkward_people()
    mail = confirmed(a_draft(user("alice")), user("alice"))
    assert (mail.status, mail.recipients_total) == (Status.QUEUED, 5)
    assert "Dear {{ member.first_name }}" in mail.prepared["body_text"]
    with outside_churches():
        assert DueWork.objects.filter(church=in_grace, kind=domain.KIND).exists()
    for _again in range(2):
        running.run()
        mail.refresh_from_db()
        assert mail.written_at
        rows = mail.messages.values_list("status", "skip_reason")
        reasons = ["no_address", "same_address", "suppressed"]
        assert sorted(rows) == [("pending", "")] * 5 + [("skipped", reason) for reason in reasons]
    assert mail.status == Status.RUNNING
    mail.messages.filter(status="pending").update(status="sent")
    assert running.next_run() > timezone.now()
    running.run()
    mail.refresh_from_db()
    assert mail.status == Status.DONE
    assert mail.finished_at
    assert running.next_run() is None
    progress = progress_of([mail])[mail.pk]
    assert (progress.sent, progress.waiting, progress.left_out_total) == (5, 0, 3)


def test_a_worker_that_was_killed_leaves_a_place_to_go_on_from(in_grace, user, monkeypatch):
    monkeypatch.setattr(running, "PORTION", 3)
    for number in range(5):
        create_member(first_name="P", last_name=str(number), email=f"{'pP'[number % 2]}@grace.example")
    mail = confirmed(a_draft(user("alice")), user("alice"))
    assert mail.recipients_total == 5
    assert running.write_portion(mail.pk)
    assert mail.messages.count() == 3

    def cut_off(messages):
        AutomatedMessage.objects.bulk_create(messages)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(running, "plan_messages", cut_off)
        with pytest.raises(KeyboardInterrupt):
            running.write_portion(mail.pk)
    assert mail.messages.count() == 3
    # Whoever comes meanwhile was not counted. Two with one address may be in two portions.
    create_member(first_name="Late", last_name="Comer", email="late@grace.example")
    running.run()
    assert mail.messages.count() == 9
    assert mail.messages.values("recipient").distinct().count() == 9
    assert mail.messages.filter(status="pending").count() == 5


def test_the_due_work_of_the_church_does_it(in_grace, user, work_queue):
    mail = confirmed(a_draft(user("alice")), user("alice"))
    due.tick()
    work_queue()
    with enter_church(in_grace):
        assert mail.messages.count() == 4


def test_nothing_is_sent_when_the_number_or_the_message_changed(in_grace, user):
    alice = user("alice")
    mail = a_draft(alice)
    seen = domain.state_of(mail)
    create_member(first_name="Late", last_name="Comer", email="late@grace.example")
    with pytest.raises(ValidationError, match="It is 5 people now"):
        domain.confirm(mail=mail, user=alice, expected=4, seen=seen)
    domain.change_draft(mail=mail, user=alice, subject="Winter fair")
    with pytest.raises(ValidationError, match="changed the message"):
        domain.confirm(mail=mail, user=alice, expected=5, seen=seen)
    mail.refresh_from_db()
    assert mail.status == Status.DRAFT


def test_the_same_form_twice_sends_once(in_grace, user):
    alice = user("alice")
    mail = a_draft(alice)
    seen = domain.state_of(mail)
    first = domain.confirm(mail=mail, user=alice, expected=4, seen=seen)
    again = domain.confirm(mail=mail, user=alice, expected=4, seen=seen)
    assert again.confirmed_at == first.confirmed_at
    running.run()
    assert mail.messages.count() == 4


def test_what_is_on_its_way_is_neither_changed_nor_deleted(in_grace, user):
    alice = user("alice")
    mail = confirmed(a_draft(alice), alice)
    with pytest.raises(ValidationError):
        domain.change_draft(mail=mail, user=alice, subject="Other")
    with pytest.raises(ValidationError):
        domain.remove_draft(mail=mail)


def test_calling_off_leaves_out_whoever_has_not_got_it(in_grace, user):
    alice = user("alice")
    mail = confirmed(a_draft(alice), alice)
    running.run()
    first = mail.messages.first()
    AutomatedMessage.objects.filter(pk=first.pk).update(status="sent")
    domain.call_off(mail=mail)
    assert sorted(mail.messages.values_list("status", "skip_reason")) == [
        ("sent", ""), *[("skipped", "cancelled")] * 3,
    ]  # fmt: skip
    running.run()
    mail.refresh_from_db()
    assert mail.status == Status.CANCELLED
    with pytest.raises(ValidationError):
        domain.call_off(mail=mail)


def test_one_called_off_before_anybody_was_written_down_reaches_nobody(in_grace, user):
    mail = confirmed(a_draft(user("alice")), user("alice"))
    domain.call_off(mail=mail)
    running.run()
    assert not mail.messages.exists()


def test_a_rule_is_asked_as_whoever_sends_it_sees_the_fields(in_grace, user):
    field = create_custom_field(label="Salary", kind="yes_no", visible_to=["admin"])
    rule = {
        "match": "all",
        "conditions": [{"field": f"custom_fields.{field.key}", "operator": "is", "value": True}],
    }
    create_member(
        first_name="Rich", last_name="Man", email="rich@grace.example", custom_fields={field.key: True}
    )
    anna, alice = user("anna"), user("alice")
    mail = a_draft(anna, rule=rule)
    assert mail in mails_for(anna)
    assert mail not in mails_for(alice)
    with pytest.raises(ValidationError):
        a_draft(alice, rule=rule)
    with pytest.raises(ValidationError):
        domain.recipients_for(mail, alice)
    mail = confirmed(mail, anna)
    assert mail.recipients_total == 1
    # Whose role is taken away meanwhile sends nothing to people whom they may not know.
    anna.role = "pastor"
    anna.save()
    running.run()
    mail.refresh_from_db()
    assert mail.status == Status.CANCELLED
    assert not mail.messages.exists()


def test_a_draft_to_everybody_is_seen_although_some_field_is_hidden(in_grace, user):
    create_custom_field(label="Salary", kind="yes_no", visible_to=["admin"])
    assert a_draft(user("alice")) in mails_for(user("alice"))


def test_what_cannot_be_sent_is_refused_when_it_is_written(in_grace, user):
    alice = user("alice")
    for values, field in [
        ({"subject": ""}, "subject"),
        ({"body_text": "{{ member.frist_name }}"}, "body_text"),
        ({"body_text": "{{ event.title }}"}, "body_text"),
        ({"topic": "sports"}, "topic"),
        ({"rule": {"match": "all", "conditions": []}}, "rule"),
        ({"rule": {"conditions": [{"field": "x", "operator": "y"}]}}, "rule.conditions.0.field"),
        ({"message_type": "fax"}, "message_type"),
        ({"status": "done"}, "status"),
    ]:
        with pytest.raises(ValidationError) as refused:
            a_draft(alice, **values)
        assert field in refused.value.message_dict


def test_nobody_is_no_audience(in_grace, user):
    Member.objects.update(email="")
    mail = a_draft(user("alice"), rule=CHOIR)
    with pytest.raises(ValidationError, match="nobody whom it would reach"):
        confirmed(mail, user("alice"))


def test_nothing_is_sent_in_quiet_hours(in_grace):
    ada = Member.objects.get(first_name="Ada")
    in_grace.settings = {"quiet_hours": {"start": "21:00", "end": "08:00"}}
    evening, morning = datetime(2026, 7, 1, 3, 0, tzinfo=UTC), datetime(2026, 7, 1, 13, 0, tzinfo=UTC)
    assert send_time(evening, ada, in_grace) == morning
    assert send_time(morning, ada, in_grace) == morning
    in_grace.settings = {}
    assert send_time(evening, ada, in_grace) == morning
    in_grace.settings = {"quiet_hours": None}
    assert send_time(evening, ada, in_grace) == evening


def test_the_table_keeps_one_message_for_each_person(in_grace, user):
    mail = confirmed(a_draft(user("alice")), user("alice"))
    running.run()
    with pytest.raises(Exception, match="automated_messages_bulk_once"):
        AutomatedMessage.objects.create(
            recipient=mail.messages.first().recipient,
            bulk_mail=mail,
            message_type="email",
            scheduled_for=timezone.now() + timedelta(days=1),
        )


# -- The pages --

BASE = "/admin/automation/bulkmail/"
FORM = {
    "to_whom": "everybody",
    "message_type": "email",
    "topic": "news",
    "subject": "Hello {{ member.first_name }}",
    "body_text": "Come to the *fair*.",
}


def test_a_pastor_writes_looks_and_sends(browser_session, grace):
    client = browser_session("alice")
    people = client.get("/admin/members/member/", {"tag": "Choir"}).content.decode()
    assert f'href="{BASE}add/?tag=Choir"' in people
    form = client.get(f"{BASE}add/", {"tag": "Choir"}).content.decode()
    assert "The people you had before you: Tags: has the tag Choir" in form
    saved = client.post(f"{BASE}add/?tag=Choir", {**FORM, "to_whom": "filtered"})
    with enter_church(grace):
        mail = BulkMail.objects.get()
    assert mail.rule == CHOIR
    assert saved["Location"] == f"{BASE}{mail.pk}/preview/"
    assert "Go on to sending" in client.get(saved["Location"]).content.decode()
    asked = client.get(f"{BASE}{mail.pk}/confirm/").content.decode()
    assert "Send to 2 people" in asked
    with enter_church(grace):
        create_member(first_name="New", last_name="Singer", email="new@grace.example", tags=["Choir"])
        seen = domain.state_of(mail)
    again = client.post(f"{BASE}{mail.pk}/confirm/", {"expected": "2", "seen": seen}, follow=True)
    assert "It is 3 people now" in again.content.decode()
    assert "Send to 3 people" in again.content.decode()
    for _twice in range(2):
        sent = client.post(f"{BASE}{mail.pk}/confirm/", {"expected": "3", "seen": seen}, follow=True)
        assert "The message is on its way." in sent.content.decode()
    listed = client.get(BASE).content.decode()
    assert "0 of 3 sent" in listed
    called = client.post(f"{BASE}{mail.pk}/call-off/", follow=True).content.decode()
    assert "What was not sent yet is not sent." in called
    assert client.post(f"{BASE}{mail.pk}/change/", FORM, follow=True).status_code == 200
    with enter_church(grace):
        mail.refresh_from_db()
        assert (mail.status, mail.audience) == (Status.CANCELLED, "Tags: has the tag Choir")


def test_what_is_refused_stands_at_its_field_and_nothing_is_lost(browser_session, grace):
    client = browser_session("alice")
    answer = client.post(
        f"{BASE}add/", {**FORM, "body_text": "Dear {{ member.frist_name }}"}
    ).content.decode()
    assert "Did you mean {{ member.first_name }}?" in answer
    assert "Dear {{ member.frist_name }}" in answer
    nobody = client.post(f"{BASE}add/", {**FORM, "to_whom": ""})
    assert nobody.status_code == 200
    with enter_church(grace):
        assert not BulkMail.objects.exists()


def test_the_list_asks_the_same_number_of_questions_for_many(browser_session, grace, user):
    client = browser_session("alice")
    with enter_church(grace):
        a_draft(user("alice"))
    few = fewest_queries(lambda: client.get(BASE))
    with enter_church(grace):
        for _number in range(30):
            a_draft(user("alice"))
    assert fewest_queries(lambda: client.get(BASE)) == few


def test_the_confirmation_says_who_is_left_out_and_why(browser_session, grace, user):
    with enter_church(grace):
        awkward_people()
        mail = a_draft(user("alice"))
    page = browser_session("alice").get(f"{BASE}{mail.pk}/confirm/").content.decode()
    assert "Send to 5 people" in page
    for text in (
        "1 – no email address",
        "1 – declined messages about this",
        "1 – shares an address with somebody who gets it",
        "2 – deceased or archived",
    ):
        assert text in page


def test_staff_are_offered_no_messages(browser_session, grace):
    page = browser_session("bob").get("/admin/members/member/").content.decode()
    assert "Write to these people" not in page
    assert browser_session("bob").get(f"{BASE}{uuid.uuid4()}/preview/").status_code == 403
