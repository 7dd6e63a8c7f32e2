"""What people answer to text messages, handed over by Twilio under its signature."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from twilio.request_validator import RequestValidator

from automation.consent.domain import suppress
from automation.models import AutomatedMessage, Enrolment, ProviderEvent
from automation.provider_events.guarding import REFUSED
from core.models import HistoryEntry
from members.personal_data.domain import erase_member
from notifications.models import Notification
from tenants.context import enter_church
from tenants.domain import suspend_church
from tenants.models import TextedNumber
from tests.automation.consent.twilio import ACCOUNT, INCOMING, SID, answered, post, signature

JANE = "+12175550199"
STOPPED = {("sms", JANE, "", "stop")}
STATUS = f"{INCOMING}/status"


def said(answer):
    """What Twilio is told to send back; empty for nothing."""
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?><Response')
    return text.partition("<Message>")[2].partition("</Message>")[0]


@pytest.mark.parametrize(
    "word", ["STOP", " stop. ", "StopAll", "UNSUBSCRIBE", "cancel", "END", "quit", "ALTO", "Parar", "opt-out"]
)
def test_a_stop_stops_every_topic(platform, texted, declined, word):
    texted()
    assert said(post(platform, answered(word))) == (
        "You get no more text messages from Grace Church. Send START to get them again."
    )
    assert declined() == STOPPED


def test_a_stop_to_a_shared_number_stops_every_church_that_texted_even_one_that_is_suspended(
    grace, hope, platform, texted, declined
):
    texted()
    texted(church=hope)
    suspend_church(church=hope)
    assert "from Hope Chapel, Grace Church" in said(post(platform, answered("STOP")))
    assert declined() == declined(hope) == STOPPED


def test_a_stop_is_for_those_alone_who_texted(hope, platform, texted, declined):
    texted()
    post(platform, answered("STOP"))
    assert declined(hope) == set()
    # From a number that nobody texted, and to a number that is not ours.
    for fields in (answered("STOP", number="+12175550111"), answered("STOP") | {"To": "+12175550002"}):
        assert said(post(platform, fields)) == ""
    assert declined() == STOPPED


@pytest.mark.parametrize("word", ["START", "unstop", "Yes"])
def test_a_start_takes_a_stop_back_and_leaves_what_was_chosen_by_topic(
    grace, platform, texted, declined, word
):
    texted()
    post(platform, answered("STOP"))
    with enter_church(grace):
        suppress(channel="sms", address=JANE, topic="news", reason="unsubscribed")
    assert said(post(platform, answered(word, sid="SM" + "b" * 32))) == ""
    assert declined() == {("sms", JANE, "news", "unsubscribed")}
    with enter_church(grace):
        entries = HistoryEntry.objects.filter(kind="automation.suppression")
        assert entries.filter(action=HistoryEntry.Action.DELETE).count() == 1
        assert {entry.origin for entry in entries.filter(changes__reason__contains="stop")} == {"sms"}


def test_an_old_message_that_is_sent_again_changes_nothing(platform, texted, declined):
    texted()
    post(platform, answered("STOP"))
    post(platform, answered("START", sid="SM" + "b" * 32))
    post(platform, answered("STOP"))
    assert declined() == set()
    post(platform, answered("STOP", sid="SM" + "c" * 32))
    post(platform, answered("START", sid="SM" + "b" * 32))
    assert declined() == STOPPED


@pytest.mark.parametrize("word", ["HELP", "info", "AYUDA"])
def test_help_names_the_church_that_texted_last_and_how_to_reach_it(hope, platform, texted, declined, word):
    texted()
    hope.settings = {"reply_to": "office@hope.example"}
    hope.save()
    texted(church=hope)
    assert said(post(platform, answered(word))) == (
        "Hope Chapel: office@hope.example. Send STOP to get no more text messages."
    )
    TextedNumber.objects.filter(church=hope).delete()
    assert said(post(platform, answered(word))).startswith("Grace Church: http://grace.localhost:8000.")
    assert declined() == set()


@pytest.mark.parametrize("told", ["STOP", "START", "HELP"])
def test_what_twilio_answers_itself_is_not_answered_twice(platform, texted, declined, told):
    texted()
    assert said(post(platform, answered("Basta", OptOutType=told))) == ""
    assert declined() == (STOPPED if told == "STOP" else set())


def test_anything_else_is_an_answer_to_the_church_that_texted_last(
    grace, hope, platform, texted, declined, stored, user
):
    other = texted(church=hope)
    message = texted()
    TextedNumber.objects.filter(church=hope).update(texted_at=timezone.now() - timedelta(days=1))
    for _time in range(2):
        assert said(post(platform, answered("Yes, gladly!\x00"))) == ""
    with enter_church(grace):
        event = ProviderEvent.objects.get()
        assert (event.kind, event.message_id, event.detail) == ("replied", message.pk, "Yes, gladly!")
        enrolment = Enrolment.objects.get(pk=message.enrolment_id)
        assert (enrolment.status, enrolment.exit_reason) == ("exited", "replied")
        told = Notification.objects.filter(kind="automation.replied")
        assert {row.user for row in told} == {user("anna"), user("alice")}
        assert {(row.url, str(row.data)) for row in told} == {
            (f"/admin/members/member/{message.recipient_id}/change/", "{}")
        }
        assert "gladly" not in str(list(HistoryEntry.objects.values_list("changes", "object_repr")))
    with enter_church(hope):
        assert not ProviderEvent.objects.exists()
        assert Enrolment.objects.get(pk=other.enrolment_id).status == "active"
    assert declined() == set()


def test_a_yes_is_an_answer_where_nobody_had_stopped(grace, platform, texted):
    texted()
    post(platform, answered("YES"))
    with enter_church(grace):
        assert ProviderEvent.objects.get().kind == "replied"


def test_an_answer_ends_the_sequences_that_end_so_and_what_was_planned_in_them(
    grace, platform, texted, written
):
    message = texted()
    goes_on = written(member=message.recipient, exit_when_replied=False)
    with enter_church(grace):
        planned = AutomatedMessage.objects.create(
            recipient=message.recipient, enrolment=message.enrolment, step=1, message_type="sms",
            scheduled_for=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    post(platform, answered("See you on Sunday"))
    with enter_church(grace):
        planned.refresh_from_db()
        assert (planned.status, planned.skip_reason) == ("skipped", "left")
        assert Enrolment.objects.get(pk=goes_on.enrolment_id).status == "active"


def test_what_an_erased_person_answers_is_not_kept(grace, user, platform, texted):
    message = texted()
    with enter_church(grace):
        erase_member(member_id=message.recipient_id, user=user("anna"), reason="asked for it")
    post(platform, answered("It is Jane"))
    with enter_church(grace):
        event = ProviderEvent.objects.get()
        assert (event.message_id, event.detail) == (None, "")
        assert {row.url for row in Notification.objects.all()} == {""}


def test_an_answer_goes_to_no_suspended_church(grace, platform, texted):
    texted()
    suspend_church(church=grace)
    assert said(post(platform, answered("See you"))) == ""
    with enter_church(grace, even_suspended=True):
        assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("page", [INCOMING, STATUS])
def test_what_is_not_signed_by_our_account_is_refused_and_changes_nothing(
    settings, platform, texted, declined, page
):
    texted()
    fields = {"AccountSid": ACCOUNT.account, **answered("STOP")}
    other = {**fields, "AccountSid": "AC" + "9" * 32}
    tries = [
        platform.post(page, fields),
        platform.post(page, fields, headers={"X-Twilio-Signature": "x"}),
        platform.post(
            page, {**fields, "From": "+12175550111"}, headers={"X-Twilio-Signature": signature(page, fields)}
        ),
        platform.post(f"{page}?a=b", fields, headers={"X-Twilio-Signature": signature(page, fields)}),
        post(platform, answered("STOP"), path=page, token="3" * 32),
        platform.post(page, other, headers={"X-Twilio-Signature": signature(page, other)}),
    ]
    for answer in tries:
        assert answer.status_code == 403
        assert answer["Content-Type"] == "application/problem+json"
    assert declined() == set()
    settings.SMS_ACCOUNT = None
    assert post(platform, answered("STOP"), path=page).status_code == 404


def test_a_webhook_is_the_platforms_alone_takes_posts_of_its_size_and_not_without_limit(
    platform, texted, declined
):
    texted()
    at_church = Client(HTTP_HOST="grace.localhost")
    assert post(at_church, answered("STOP")).status_code == 404
    assert platform.get(INCOMING).status_code == 405
    assert platform.head(INCOMING).status_code == 200
    assert post(platform, answered("x" * 70_000)).status_code == 413
    assert post(platform, answered("STOP", sid="x")).status_code == 400
    for _time in range(REFUSED.count):
        platform.post(INCOMING)
    refused = platform.post(INCOMING)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert declined() == set()
    # From another address everything is as ever; and good ones are not counted.
    there = Client(HTTP_HOST="localhost", REMOTE_ADDR="192.0.2.7")
    for _time in range(REFUSED.count + 5):
        assert said(post(there, answered("HELP")))


def test_the_address_is_signed_as_the_settings_know_it_whatever_a_proxy_makes_of_it(
    settings, platform, texted, declined
):
    settings.PUBLIC_SCHEME, settings.PUBLIC_PORT_SUFFIX, settings.BASE_DOMAIN = "https", "", "localhost"
    texted()
    fields = {"AccountSid": ACCOUNT.account, **answered("STOP")}
    signed = RequestValidator(ACCOUNT.token).compute_signature(f"https://localhost{INCOMING}", fields)
    assert platform.post(INCOMING, fields, headers={"X-Twilio-Signature": signed}).status_code == 200
    assert declined() == STOPPED


def report(client, church, message, state, code="", sid=SID):
    path = f"{STATUS}?church={church.pk}&message={message.pk}"
    return post(client, {"MessageSid": sid, "MessageStatus": state, "ErrorCode": code}, path=path).status_code


def test_what_became_of_a_text_is_written_down_once(grace, platform, texted, stored, declined):
    message = texted()
    for state in ("queued", "sent", "delivered", "delivered"):
        assert report(platform, grace, message, state) == 200
    assert stored(message).delivered_at is not None
    assert stored(message).bounced_at is None
    with enter_church(grace):
        assert [event.event_id for event in ProviderEvent.objects.all()] == [f"twilio:{SID}:delivered"]
    assert declined() == set()


@pytest.mark.parametrize(
    ("code", "reason"), [("30006", "bounced"), ("30005", "bounced"), ("21610", "stop"), ("30003", "")]
)
def test_a_number_that_cannot_get_texts_gets_no_more(grace, platform, texted, stored, declined, code, reason):
    message = texted()
    report(platform, grace, message, "undelivered", code)
    assert stored(message).bounced_at is not None
    assert declined() == ({("sms", JANE, "", reason)} if reason else set())


def test_a_report_on_another_churchs_message_is_taken_and_nothing_happens(
    grace, hope, platform, texted, declined
):
    theirs, ours = texted(church=hope), texted()
    gone = type(hope)(pk="00000000-0000-4000-8000-000000000000")
    for church, message in ((grace, theirs), (hope, ours), (gone, ours)):
        assert report(platform, church, message, "undelivered", "30006") == 200
    assert declined() == declined(hope) == set()
    for church in (grace, hope):
        with enter_church(church):
            assert not ProviderEvent.objects.exists()
    assert post(platform, {"MessageSid": SID}, path=f"{STATUS}?church=x&message=y").status_code == 400
