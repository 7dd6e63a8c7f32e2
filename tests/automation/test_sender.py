"""From whom messages come, and where answers go."""

from __future__ import annotations

import pytest

from automation.ready_made import add_ready_made
from tenants.context import enter_church
from tenants.domain import change_settings
from tenants.hosts import forget_hosts
from tenants.models import Church
from tests.pages import text_of

LOST = "Answers to these mails reach nobody"


def put(client, **settings):
    return client.put("/api/tenants/current/settings", {"settings": settings}, format="json")


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"reply_to": "nobody"}, "settings.reply_to"),
        ({"reply_to": "a@grace.example\nBcc: all@hope.example"}, "settings.reply_to"),
        ({"reply_to": 7}, "settings.reply_to"),
        ({"sender_name": "Grace\nBcc: all@hope.example"}, "settings.sender_name"),
        ({"sender_name": "x" * 101}, "settings.sender_name"),
        ({"sender_name": None}, "settings.sender_name"),
    ],
)
def test_what_is_no_sender_is_refused(api, settings, field):
    answer = put(api("anna"), **settings)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_the_settings_page_takes_name_and_address(browser_session, grace):
    anna = browser_session("anna")
    assert "Where answers to messages go" in text_of(anna.get("/admin/settings/"))
    sent = {
        "name": grace.name, "timezone": grace.timezone, "language": "en", "country": "US",
        "sender_name": "Pastor Ruth", "reply_to": "office@grace.example", "quiet_hours": "21:00–08:00",
    }  # fmt: skip
    assert anna.post("/admin/settings/", sent).status_code == 302
    stored = Church.objects.get(pk=grace.pk).settings
    assert (stored["sender_name"], stored["reply_to"]) == ("Pastor Ruth", "office@grace.example")


def test_a_story_says_that_answers_reach_nobody_until_an_address_is_named(browser_session, grace):
    with enter_church(grace):
        sequence = add_ready_made("welcome")
    address = f"/admin/automation/sequence/{sequence.pk}/change/"
    alice = browser_session("alice")
    assert LOST in text_of(alice.get(address))
    change_settings(church=grace, settings={"reply_to": "office@grace.example"})
    # What the commit does.
    forget_hosts()
    assert LOST not in text_of(alice.get(address))
