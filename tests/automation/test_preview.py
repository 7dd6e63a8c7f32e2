"""The preview of a message with a real person, and the test that one sends to oneself."""

from __future__ import annotations

import html as markup
import re
import time

import pytest
from django.core import mail as outbox
from django.urls import reverse

from automation.models import AutomatedMessage
from automation.writing.preparing import prepare_step
from automation.writing.preview import person_for, preview_of
from automation.writing.rendering import render
from automation.writing.test_send import TESTS, send_test
from core.rate_limits import count
from members.domain import create_member
from members.models import Member
from tenants.context import enter_church
from tests.automation.written import a_draft, a_step


@pytest.fixture
def in_grace(grace):
    with enter_church(grace):
        yield grace


def frames(page: str) -> list[str]:
    return [markup.unescape(found) for found in re.findall(r'<iframe[^>]*srcdoc="([^"]*)"', page)]


def test_a_step_is_shown_as_somebody_gets_it(browser_session, grace):
    with enter_church(grace):
        step = a_step(body_text="Dear {{ member.called }}, <b>see</b> https://example.org/")
        person = create_member(first_name="Robert", last_name="Burns", nickname="<i>Rab</i>")
        address = reverse("admin:automation_step_preview", args=[step.pk], urlconf="churchsaas.urls.church")
    assert address == f"/admin/automation/emailtemplate/{step.pk}/preview/"
    client = browser_session("alice")
    answer = client.get(address, {"person": str(person.pk)})
    page = answer.content.decode()
    assert "As Robert Burns would get it." in page
    assert "Welcome, Robert" in page
    phone, desk = frames(page)
    assert phone == desk
    assert "Dear &lt;i&gt;Rab&lt;/i&gt;, &lt;b&gt;see&lt;/b&gt;" in phone
    assert "Dear &lt;i&gt;Rab&lt;/i&gt;, &lt;b&gt;see&lt;/b&gt; https://example.org/" in page
    assert 'sandbox=""' in page
    assert "img-src 'self' data: blob: https:" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    found = client.get(address, {"q": "burns"}).content.decode()
    assert f'href="?person={person.pk}"' in found


def test_it_begins_with_ones_own_entry(in_grace, user):
    alice = user("alice")
    assert person_for(alice) == Member.objects.living().first()
    own = create_member(first_name="Alice", last_name="Zuse", email=alice.email.upper())
    assert person_for(alice) == own
    Member.objects.all().delete()
    assert str(person_for(alice)) == "Jane Example"


def test_an_events_fields_are_made_up(in_grace, user):
    step = a_step("event_registered", subject="{{ event.title }}", body_text="On {{ event.date }}.")
    made = preview_of(step, person_for(user("alice"))).rendered
    assert made.subject == "Name of the event"
    assert re.search(r"On \w+\.? \d+, \d{4}\.", made.text)


def test_a_text_message_is_a_bubble_with_its_length_and_price(browser_session, grace):
    with enter_church(grace):
        step = a_step(message_type="sms", subject="", body_text="See you, {{ member.first_name }}!")
        ada = Member.objects.get(first_name="Ada")
    page = browser_session("alice").get(
        f"/admin/automation/emailtemplate/{step.pk}/preview/", {"person": str(ada.pk)}
    )
    assert "See you, Ada!" in page.content.decode()
    assert "13 characters, 1 part" in page.content.decode()
    assert not frames(page.content.decode())


def test_a_test_goes_to_ones_own_address_alone(browser_session, grace, work_queue, user):
    with enter_church(grace):
        step = a_step()
        ada = Member.objects.get(first_name="Ada")
    answer = browser_session("alice").post(
        f"/admin/automation/emailtemplate/{step.pk}/test/", {"person": str(ada.pk)}, follow=True
    )
    assert "A test is on its way to alice@grace.example." in answer.content.decode()
    assert work_queue() == 1
    [mail] = outbox.outbox
    assert mail.to == ["alice@grace.example"]
    assert mail.subject == "[Test] Welcome, Ada"
    assert mail.from_email.startswith('"Grace Church" <')
    assert "Dear Ada" in mail.body
    html = mail.alternatives[0].content
    for text in (mail.body, html):
        assert "This is a test" in text
        assert "{{" not in text
        assert "Unsubscribe" not in text
    assert "List-Unsubscribe" not in mail.extra_headers
    with enter_church(grace):
        assert not AutomatedMessage.objects.exists()


def test_a_text_message_is_tried_by_mail(in_grace, user, work_queue):
    step = a_step(message_type="sms", subject="", body_text="Hello")
    assert send_test(template=step, user=user("alice")) == "alice@grace.example"
    work_queue()
    [mail] = outbox.outbox
    assert mail.subject == "[Test] Text message, 5 characters in 1 part(s)"
    assert mail.body == "Hello"
    assert not mail.alternatives


def test_a_message_to_many_is_tried_alike(in_grace, user, work_queue):
    alice = user("alice")
    send_test(template=a_draft(alice), user=alice)
    work_queue()
    assert outbox.outbox[0].subject == "[Test] Summer fair"
    assert "<strong>fair</strong>" in outbox.outbox[0].alternatives[0].content


def test_a_church_name_makes_no_second_sender(in_grace, user, work_queue):
    in_grace.settings = {
        "sender_name": 'Grace, "evil" <x@y.example>\r\nBcc: z@y.example',
        "reply_to": "us@grace.example",
    }
    in_grace.save()
    send_test(template=a_step(), user=user("alice"))
    work_queue()
    message = outbox.outbox[0].message()
    assert message["Bcc"] is None
    assert message["From"].count("@localhost") == 1
    assert message["Reply-To"] == "us@grace.example"


def test_the_api_sends_a_test(api, grace, hope, work_queue):
    with enter_church(grace):
        step = a_step()
        ada = Member.objects.get(first_name="Ada")
    with enter_church(hope):
        foreign = Member.objects.get(first_name="Ada")
    url = f"/api/templates/{step.pk}/test"
    answer = api("alice").post(url, {"member_id": str(ada.pk)}, format="json")
    assert (answer.status_code, answer.json()) == (202, {"sent_to": "alice@grace.example"})
    work_queue()
    assert outbox.outbox[0].subject == "[Test] Welcome, Ada"
    refused = api("alice").post(url, {"member_id": str(foreign.pk)}, format="json")
    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["member_id"]
    with enter_church(grace):
        step.archived_at = step.created_at
        step.save()
    assert api("alice").post(url).status_code == 404


def test_the_job_sends_nothing_of_another_church(in_grace, hope, user, work_queue):
    alice = user("alice")
    with enter_church(hope):
        foreign = a_step()
    send_test(template=foreign, user=alice)
    ada = Member.objects.get(first_name="Ada")
    send_test(template=a_step(), user=alice, member=ada)
    ada.delete()
    assert work_queue() == 2
    assert not outbox.outbox


def test_the_layout_speaks_the_churchs_language(in_grace):
    step = {"subject": "Hola", "body_html": "", "body_text": "Hola", "message_type": "email"}
    assert '<html lang="en" dir="ltr">' in prepare_step(**step)["body_html"]
    in_grace.language = "es"
    assert '<html lang="es" dir="ltr">' in prepare_step(**step)["body_html"]


def test_tests_are_limited(api, browser_session, grace, user):
    with enter_church(grace):
        step = a_step()
    for _number in range(TESTS.count):
        count(TESTS, str(user("alice").pk))
    assert api("alice").post(f"/api/templates/{step.pk}/test").status_code == 429
    page = browser_session("alice").post(f"/admin/automation/emailtemplate/{step.pk}/test/", follow=True)
    assert "Please wait a little" in page.content.decode()


def test_rendering_is_quick_and_asks_the_database_nothing(in_grace, django_assert_num_queries):
    step = a_step(body_text="Dear {{ member.first_name }},\n\n" + "Some words of *news*. " * 200)
    prepared = prepare_step(
        subject=step.subject, body_html=step.body_html, body_text=step.body_text, message_type="email"
    )
    ada = Member.objects.get(first_name="Ada")
    with django_assert_num_queries(0):
        started = time.perf_counter()
        for _number in range(200):
            render(prepared, member=ada, church=in_grace, unsubscribe_url="https://x.example/")
        each = (time.perf_counter() - started) / 200
    # It takes a twentieth of a millisecond; here the machine may be busy.
    assert each < 0.002
