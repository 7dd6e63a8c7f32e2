"""The calendar of visits in a real browser: by mouse, and by keyboard alone."""

from __future__ import annotations

import pytest

from tests.browser.test_pages import check, focus

pytestmark = pytest.mark.slow

CALENDAR = "/admin/visits/visit/calendar/?day={day}"


def test_a_visit_is_dragged_to_another_day_and_moved_where_it_is_free(visit, site):
    watched = visit(CALENDAR.format(**site.keys), actor="anna")
    page = watched.page
    taken = site.keys["day"]
    page.locator(f"[data-move*='{site.keys['visit']}']").drag_to(page.locator(f"[data-day='{taken}'] h3"))
    page.wait_for_url("**/reschedule/?day=**")
    assert page.locator("[name=day]").input_value() == taken
    assert page.get_by_text("Nothing is moved yet.").is_visible()
    # At five in the evening that day is full.
    page.locator("[name=time]").fill("17:30")
    page.get_by_role("button", name="Move the visit", exact=True).click()
    page.get_by_text("has another visit at that time").wait_for()
    check(watched)
    free = page.locator("button[name=start]")
    assert free.count() == 3
    free.first.click()
    page.get_by_text("The visit was moved to").wait_for()
    assert page.get_by_role("link", name="Moved from").is_visible()
    assert watched.complaints == []


def test_the_keyboard_alone_turns_pages_and_opens_a_visit(visit, site):
    watched = visit(CALENDAR.format(**site.keys) + "&view=agenda", actor="anna", width=390)
    page = watched.page
    focus(page, "a", "Next")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: site.keys["day"] not in url)
    focus(page, "a", "Previous")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{site.keys['day']}**")
    focus(page, "a", "alert(1)")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/")
    focus(page, "a", "Move")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reschedule/")
    assert watched.complaints == []
