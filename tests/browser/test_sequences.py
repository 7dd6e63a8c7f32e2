"""Writing a sequence with the keyboard alone, on a phone and on a desk."""

from __future__ import annotations

import pytest

from tests.browser.contents import WIDTHS
from tests.browser.test_pages import check, focus

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_alone_adds_a_step_switches_it_off_and_starts_or_pauses_the_sequence(visit, site, width):
    watched = visit("/admin/automation/sequence/", actor="alice", width=width)
    page = watched.page
    focus(page, "a", "Birthday")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")
    focus(page, "a", "Add ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/steps/add/**")
    focus(page, "input", "Days")
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    focus(page, "input", "Subject")
    page.keyboard.type(f"Many happy returns {width}")
    focus(page, "textarea", "Text")
    page.keyboard.type("Dear friend,")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("all the best!")
    focus(page, "button", "Add the step")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/#step-**")
    watched.settle()
    check(watched)
    assert page.get_by_text("2 days later").first.is_visible()
    focus(page, "button", f"Switch off – Many happy returns {width}")
    page.keyboard.press("Enter")
    page.get_by_text("Switched off").first.wait_for()
    verb, other = (
        ("Start it", "Pause")
        if page.get_by_role("button", name="Start it").count()
        else ("Pause", "Start it")
    )
    focus(page, "button", verb)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=other).wait_for()
    watched.settle()
    check(watched)


def test_the_numbers_open_as_a_table_by_keyboard(visit, site):
    watched = visit(
        "/admin/automation/sequence/{sequence}/change/".format(**site.keys), actor="alice", width=390
    )
    page = watched.page
    page.locator(".sequence-table summary").press("Enter")
    page.locator(".sequence-table table").wait_for(state="visible")
    check(watched)
