"""Praying and asking for prayer in a real browser: without a script, and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.contents import WIDTHS
from tests.browser.test_pages import check

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("width", WIDTHS)
def test_a_visitor_without_scripts_prays_asks_and_comes_back(visit, width):
    watched = visit("/prayer/", width=width, java_script_enabled=False)
    page = watched.page
    page.get_by_role("button", name="I prayed").first.press("Enter")
    page.get_by_text("You have prayed").first.wait_for()
    page.get_by_role("link", name="Older").click()
    page.get_by_role("button", name="I prayed").first.click()
    page.get_by_text("You have prayed").first.wait_for()
    assert "older=" in page.url
    page.get_by_role("link", name="Ask for prayer").first.click()
    page.get_by_label("What may we pray for?").fill("For rain, please.")
    page.get_by_label("Stay anonymous").check()
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    own = page.url.partition("?")[0]
    assert page.get_by_role("link", name=own).is_visible()
    page.get_by_label("Write to us").fill("It rained a little.")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("It rained a little.").wait_for()
    page.get_by_text("Take the request back…").click()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("You have taken this request back.").wait_for()
    assert [text for text in watched.complaints if not text.startswith("policy")] == []


def test_the_team_prays_by_the_enter_key_alone(visit):
    watched = visit("/admin/prayer/prayerrequest/session/", actor="bob", width=390)
    page = watched.page
    first = page.locator("#prayer-title").inner_text()
    assert first == "I want to die."
    page.keyboard.press("Enter")
    expect(page.locator("#prayer-title")).not_to_have_text("I want to die.")
    watched.settle()
    check(watched)
