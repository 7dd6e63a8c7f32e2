"""The list of declined addresses, on the pages of the church and over the API."""

from __future__ import annotations

import re

import pytest

from automation.consent.domain import add_by_hand, forget_addresses, suppress
from automation.models import Suppression
from automation.provider_events.replies import record_reply
from members.models import Member
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem

ALL = "/api/suppressions"
LIST = "/admin/automation/suppression/"


@pytest.fixture
def alice(api):
    return api("alice")


@pytest.fixture
def pages(browser_session):
    return browser_session("alice")


@pytest.fixture
def entries(grace):
    """An entry of each kind, by its reason."""
    with enter_church(grace):
        made = [
            add_by_hand(channel="sms", address="+12175550111"),
            suppress(channel="email", address="jane@example.org", topic="prayer", reason="unsubscribed"),
            suppress(channel="email", address="x@example.org", reason="complained"),
            suppress(channel="sms", address="+12175550199", reason="stop"),
        ]
    return {entry.reason: entry for entry in made}


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_an_address_is_entered_found_and_let_go_over_the_api(alice, user):
    body = {"channel": "email", "address": "Jane@Example.org", "topic": "news"}
    made = alice.post(ALL, body)
    assert made.status_code == 201, made.json()
    entry = made.json()
    assert entry == {
        "id": entry["id"], "channel": "email", "topic": "news", "address": "jane@example.org",
        "reason": "by_hand", "created_by": str(user("alice").pk), "created_at": entry["created_at"],
        "updated_at": entry["updated_at"],
    }  # fmt: skip
    again = alice.post(ALL, body)
    assert (again.status_code, again.json()) == (201, entry)
    assert alice.get(ALL).json()["results"] == [entry]
    assert alice.delete(f"{ALL}/{entry['id']}").status_code == 204
    assert alice.get(ALL).json()["count"] == 0


@pytest.mark.parametrize("reason", ["complained", "stop"])
def test_the_api_says_what_only_the_person_can_lift(alice, entries, reason):
    refused = alice.delete(f"{ALL}/{entries[reason].pk}")
    assert_problem(refused, 409)
    assert "Only they can change that" in refused.json()["detail"]
    assert alice.get(ALL).json()["count"] == 4


@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        ("channel=sms", {"by_hand", "stop"}),
        ("topic=prayer", {"unsubscribed"}),
        ("reason=complained", {"complained"}),
        ("search=EXAMPLE.org", {"unsubscribed", "complained"}),
        ("search=(217) 555-0199", {"stop"}),
        ("search=nobody", set()),
    ],
)
def test_the_list_is_filtered(alice, entries, query, reasons):
    found = alice.get(f"{ALL}?{query}").json()["results"]
    assert {entry["reason"] for entry in found} == reasons


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channel": "email", "address": "nonsense"}, "address"),
        ({"channel": "sms", "address": "12"}, "address"),
        ({"channel": "fax", "address": "a@example.org"}, "channel"),
        ({"channel": "email", "address": "a@example.org", "topic": "weather"}, "topic"),
        ({"channel": "email"}, "address"),
    ],
)
def test_what_cannot_be_entered_names_its_field(alice, body, field):
    assert_problem(alice.post(ALL, body), 400, field)


def test_the_list_costs_the_same_for_one_and_for_thirty(alice, pages, grace):
    numbers = []
    for many in (1, 30):
        with enter_church(grace):
            for number in range(many):
                add_by_hand(channel="email", address=f"a{number}@example.org")
        numbers.append([fewest_queries(lambda: alice.get(ALL)), fewest_queries(lambda: pages.get(LIST))])
    assert numbers[0] == numbers[1]


def test_the_page_lists_finds_and_filters(pages, entries):
    shown = text(pages.get(LIST))
    assert "jane@example.org" in shown
    assert "Everything" in shown
    assert "Answered STOP" in shown
    assert "x@example.org" not in text(pages.get(f"{LIST}?q=jane"))
    assert "+12175550199" in text(pages.get(f"{LIST}?q=217-555-0199"))
    for query, there, gone in (
        ("channel=email", "jane@", "+1217"),
        ("topic=any", "x@", "jane@"),
        ("topic=prayer", "jane@", "x@"),
        ("reason=stop", "+12175550199", "+12175550111"),
    ):
        found = text(pages.get(f"{LIST}?{query}"))
        assert there in found
        assert gone not in found


def test_who_was_erased_is_found_by_their_address_and_not_shown(pages, grace, entries):
    with enter_church(grace):
        forget_addresses(["jane@example.org"])
    found = text(pages.get(f"{LIST}?q=Jane@example.org"))
    assert "Of somebody who was erased" in found


def test_somebody_is_entered_by_hand_and_let_go_after_a_question(pages, grace, user):
    form = {"channel": "sms", "address": "nonsense", "topic": ""}
    assert "is no phone number" in text(pages.post(f"{LIST}add/", form))
    answer = pages.post(f"{LIST}add/", {**form, "address": "217 555 0123"})
    assert answer.status_code == 302
    with enter_church(grace):
        entry = Suppression.objects.get()
        assert (entry.address, entry.reason, entry.created_by) == ("+12175550123", "by_hand", user("alice"))
    one = f"{LIST}{entry.pk}/"
    assert "Allow messages again…" in text(pages.get(f"{one}change/"))
    assert "Write to +12175550123 again?" in text(pages.get(f"{one}delete/"))
    assert pages.post(f"{one}delete/", {"post": "yes"}).status_code == 302
    with enter_church(grace):
        assert not Suppression.objects.exists()


@pytest.mark.parametrize("reason", ["complained", "stop"])
def test_the_page_says_why_only_the_person_can_lift_something(pages, grace, entries, reason):
    one = f"{LIST}{entries[reason].pk}/"
    for answer in (
        pages.get(f"{one}delete/", follow=True),
        pages.post(f"{one}delete/", {"post": "yes"}, follow=True),
    ):
        assert "Only they can change that" in text(answer)
    with enter_church(grace):
        assert Suppression.objects.count() == 4


def test_a_persons_page_says_what_they_decline_and_answered(browser_session, pages, grace, written):
    message = written(channel="sms")
    person = f"/admin/members/member/{message.recipient_id}/change/"
    assert "Declines" not in text(pages.get(person))
    with enter_church(grace):
        suppress(channel="email", address="jane@example.org", topic="news", reason="unsubscribed")
        suppress(channel="email", address="jane@example.org", topic="prayer", reason="unsubscribed")
        suppress(channel="sms", address="+12175550199", reason="stop")
        record_reply(event_id="twilio:1", message_id=message.pk, text="See <b>you</b>")
    shown = text(pages.get(person))
    assert "Declines: News of the church (email), Prayer (email), everything (text message)" in shown
    assert "Answered by text message: “See &lt;b&gt;you&lt;/b&gt;”" in shown
    # Who sees the person sees what they decline; what they answered is for who writes messages.
    by_volunteer = text(browser_session("vera").get(person))
    assert "Declines: News of the church (email)" in by_volunteer
    assert "Answered by text message" not in by_volunteer
    assert "Declines" not in text(pages.get(f"{LIST}"))


def test_everything_about_a_person_has_what_they_declined_and_answered(api, grace, written):
    message = written(channel="sms")
    with enter_church(grace):
        suppress(channel="sms", address="+12175550199", reason="stop")
        record_reply(event_id="twilio:1", message_id=message.pk, text="See you")
        assert Member.objects.filter(pk=message.recipient_id).exists()
    told = api("anna").get(f"/api/members/{message.recipient_id}/personal-data").json()
    sections = {section["key"]: section["rows"] for section in told["sections"]}
    assert sections["declined"][0]["address"] == "+12175550199"
    assert sections["message_reports"][0]["detail"] == "See you"
