"""Somebody opens the link in a message and says what they want to hear, without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import check

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_person_declines_takes_it_back_and_chooses(visit, site, scripts):
    link = f"/messages/{site.keys['message_link']}/unsubscribe"
    watched = visit(link, width=390, java_script_enabled=scripts)
    page = watched.page
    page.get_by_role("button", name="I want no more of these").click()
    expect(page.get_by_role("heading", name="You get no more of these")).to_be_visible()
    page.get_by_role("button", name="Undo: I want to get them").click()
    expect(page.get_by_role("button", name="I want no more of these")).to_be_visible()
    page.get_by_role("link", name="Choose what you hear from us").click()
    prayer = page.get_by_role("group", name="Prayer").get_by_label("Email")
    expect(prayer).not_to_be_checked()
    prayer.check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("We have noted it. Thank you.")
    expect(prayer).to_be_checked()
    prayer.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(prayer).not_to_be_checked()
    if scripts:
        check(watched)
