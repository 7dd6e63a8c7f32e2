"""Setting up a second factor and signing in with it, in a real browser and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import world
from tests.accounts.second_factor import code_of
from tests.browser.contents import WIDTHS
from tests.browser.test_pages import check, focus

pytestmark = pytest.mark.slow


def type_into(page, text):
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def sign_in(page, email):
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    type_into(page, world.PASSWORD)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_alone_sets_it_up_and_signs_in_with_it(visit, site, width):
    email = site.keys[f"newcomer-{width}"]
    watched = visit("/admin/login/", width=width, color_scheme="dark" if width < 500 else "light")
    page = watched.page
    sign_in(page, email)
    page.wait_for_url("**/admin/")
    if width < 500:
        page.get_by_role("button", name="Toggle navigation").press("Enter")
    page.get_by_role("button", name="Newcomer").press("Enter")
    page.get_by_role("link", name="Two-factor sign-in").press("Enter")
    page.wait_for_url("**/two-factor/")
    watched.settle()
    focus(page, "input", "Present password")
    type_into(page, world.PASSWORD)
    page.wait_for_url("**/set-up/")
    watched.settle()
    check(watched)
    assert page.get_by_role("img", name="The secret for your app, as a picture").is_visible()
    secret = page.inner_text(".typed-secret code")
    focus(page, "input", "Code")
    type_into(page, code_of(secret))
    page.wait_for_selector(".recovery-codes")
    watched.settle()
    check(watched)
    paper = page.locator(".recovery-codes code").all_inner_texts()
    assert len(paper) == 10

    watched.page.context.clear_cookies()
    page.goto("/admin/login/")
    sign_in(page, email)
    page.wait_for_url("**/login/code/")
    watched.settle()
    check(watched)
    expect(page.locator("[name=code]")).to_be_focused()
    type_into(page, "000 000 0")
    page.get_by_text("This code is not valid.").wait_for()
    watched.settle()
    check(watched)
    page.fill("[name=code]", "")
    focus(page, "input", "Code")
    type_into(page, paper[0])
    page.wait_for_url("**/admin/")
    page.goto("/admin/two-factor/")
    watched.settle()
    assert page.get_by_text("You have 9 recovery codes left").is_visible()
    check(watched)
