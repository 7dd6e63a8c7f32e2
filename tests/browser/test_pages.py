"""Every page of a church in a real browser, on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.addresses import SIGNED_IN, SIGNED_OUT
from tests.browser.contents import ATTACK, WIDTHS

pytestmark = pytest.mark.slow

PLATFORM = {
    "sign-in": "/admin/login/",
    "churches": "/admin/tenants/church/",
    "church": "/admin/tenants/church/{church}/change/",
    "church-add": "/admin/tenants/church/add/",
    "domains": "/admin/tenants/domain/",
    "jobs-failed": "/admin/django_q/failure/",
    "jobs-waiting": "/admin/django_q/ormq/",
    "jobs-planned": "/admin/django_q/schedule/",
    "two-factor": "/admin/two-factor/",
    "signed-in": "/admin/signed-in/",
}
READ_ONLY = {
    "person": "/admin/members/member/{ada}/change/",
    "people": "/admin/members/member/",
    "person-household": "/admin/members/member/{ada}/change/?tab=household",
    "household": "/admin/members/household/{household}/change/",
    "event": "/admin/events/event/{event}/change/",
    "event-registrations": "/admin/events/event/{event}/registrations/",
    "list": "/admin/members/savedlist/{list}/change/",
    "prayer": "/admin/prayer/prayerrequest/{prayer}/change/",
}
SERIOUS = {"serious", "critical"}
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    # They look at every element, and what they find is never serious.
    "rules": {"region": {"enabled": False}, "hidden-content": {"enabled": False}},
}


def accessibility_problems(page):
    """Serious and critical findings of axe-core against WCAG 2.2 A and AA and its best practices."""
    from axe_playwright_python.base import AXE_SCRIPT

    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("(options) => axe.run(options).then((all) => all.violations)", AXE_OPTIONS)
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:200]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


def check(watched):
    """No complaint, no barrier, nothing that sticks out to the side."""
    assert watched.complaints == []
    assert accessibility_problems(watched.page) == []
    root = watched.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert root[0] <= root[1]


def cases(pages, actor):
    return [pytest.param(actor, path, id=f"{actor or 'nobody'}-{name}") for name, path in pages.items()]


def check_at_every_width(visit, path, **visitor):
    """Opened on a phone, then turned into a desk: one loading for both."""
    phone, desk = WIDTHS
    watched = visit(path, width=phone, **visitor)
    check(watched)
    watched.resize(desk)
    check(watched)


@pytest.mark.parametrize(
    ("actor", "path"), [*cases(SIGNED_OUT, None), *cases(SIGNED_IN, "anna"), *cases(READ_ONLY, "vera")]
)
def test_no_page_complains_or_shuts_anybody_out(visit, site, actor, path):
    check_at_every_width(visit, path.format(**site.keys), actor=actor)


@pytest.mark.parametrize("name", PLATFORM)
def test_no_page_of_the_platform_does_either(visit, site, name):
    actor = None if name == "sign-in" else "root"
    check_at_every_width(visit, PLATFORM[name].format(**site.keys), actor=actor, host="localhost")


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/members/member/",
        "/admin/members/member/{ada}/change/",
        "/admin/members/member/{ada}/change/?tab=household",
        "/admin/members/household/{household}/change/",
        "/admin/members/household/{household}/split/",
        "/admin/members/savedlist/{list}/change/",
        "/admin/members/customfield/{field}/change/",
        "/admin/visits/visit/{visit_done}/change/",
        "/admin/visits/visit/calendar/?day={day}",
        "/admin/prayer/prayerrequest/{prayer}/change/",
        "/admin/prayer/prayerrequest/session/",
        "/admin/automation/sequence/add/",
        "/admin/automation/sequence/{sequence}/change/",
        "/admin/automation/sequence/{sequence}/steps/{told_step}/",
        "/admin/automation/sequence/{sequence}/people/",
        "/prayer/",
        "/prayer/ask/",
        "/messages/{message_link}/unsubscribe",
        "/messages/{message_link}/preferences",
        "/admin/automation/bulkmail/{mail}/change/",
        "/admin/automation/bulkmail/{mail}/preview/",
        "/admin/automation/bulkmail/{mail}/confirm/",
        "/admin/automation/emailtemplate/{sms_step}/preview/",
    ],
)
def test_the_dark_theme_can_be_read(visit, site, path):
    check(visit(path.format(**site.keys), actor="anna", color_scheme="dark"))


@pytest.mark.parametrize("width", WIDTHS)
def test_menus_sheets_and_bars_open_by_keyboard(visit, width):
    watched = visit("/admin/members/member/", actor="anna", width=width)
    page = watched.page
    filters = page.get_by_role("button", name="Filters")
    filters.focus()
    page.keyboard.press("Enter")
    page.locator("#changelist-filter").wait_for(state="visible")
    check(watched)
    page.select_option("[name=status]", "visitor")
    page.get_by_role("button", name="Apply Filters").press("Enter")
    page.wait_for_url("**status=visitor**")
    page.locator("input.action-select").first.press("Space")
    page.locator("#changelist-actions").wait_for(state="visible")
    check(watched)
    page.select_option("[name=action]", "add_tags")
    page.get_by_role("button", name="Run").press("Enter")
    page.get_by_label("Tags").wait_for()
    watched.settle()
    check(watched)
    if width < 500:
        page.get_by_role("button", name="Toggle navigation").press("Enter")
    page.get_by_role("button", name="Anna").press("Enter")
    page.get_by_role("link", name="Change password").wait_for(state="visible")
    assert watched.complaints == []


def test_the_command_palette_does_not_open(visit):
    watched = visit("/admin/", actor="anna")
    for keys in ("Control+k", "Meta+k", "t"):
        watched.page.keyboard.press(keys)
    assert watched.page.locator("input[type=search]").count() == 0
    assert watched.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_alone_signs_in_finds_somebody_and_saves(visit, width):
    watched = visit("/admin/login/", width=width)
    page = watched.page
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.type("bob@grace.example")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")
    if width < 500:
        focus(page, "button", "Toggle navigation")
        page.keyboard.press("Enter")
    focus(page, "a", "People")
    page.keyboard.press("Enter")
    page.wait_for_url("**/members/member/")
    watched.settle()
    page.keyboard.press("/")
    page.keyboard.type("lovel")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=lovel**")
    focus(page, "a", "Lovelace, Ada")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")
    focus(page, "input", "Called")
    page.keyboard.press("Control+a")
    page.keyboard.type(f"Countess {width}")
    focus(page, "button", "Save")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/change/" not in url)
    watched.settle()
    assert page.get_by_text("was changed successfully").is_visible()
    assert watched.complaints == []


def focus(page, tag, name):
    """Presses Tab until an element with this tag and name has the focus, 80 times at most."""
    for _press in range(80):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
              const it = document.activeElement;
              const label = it.labels?.[0]?.textContent ?? "";
              const words = [it.getAttribute("aria-label") ?? "", label, it.textContent];
              const { width } = it.getBoundingClientRect();
              return [it.tagName.toLowerCase(), words.find((text) => text.trim()) ?? "", width];
            }"""
        )
        if found[0] == tag and name in " ".join(found[1].split()):
            assert found[2] > 0
            return
    pytest.fail(f"the keyboard does not reach {tag} {name!r}")


@pytest.mark.parametrize("actor", ["anna", "vera"])
def test_markup_in_a_person_is_shown_as_text(visit, site, actor):
    for path in (
        "/admin/members/member/?q=attacker",
        "/admin/members/member/{attacker}/change/",
        "/admin/members/member/{attacker}/change/?tab=household",
        "/admin/members/household/",
        "/admin/members/household/{household}/change/",
        "/admin/",
    ):
        watched = visit(path.format(**site.keys), actor=actor)
        assert watched.complaints == []
        assert watched.page.locator("img[onerror], a[href^=javascript]").count() == 0
    watched = visit("/admin/members/member/?q=attacker", actor=actor)
    assert watched.page.get_by_text(ATTACK).first.is_visible()
    assert watched.page.get_by_text("<img src=x onerror=alert(3)>").first.is_visible()


def test_tags_are_suggested_after_a_comma(visit, site):
    page = visit("/admin/members/member/{ada}/change/".format(**site.keys), actor="anna").page
    offered = "Array.from(document.getElementById('tags_suggestions').options, (option) => option.value)"
    assert "Home group" in page.evaluate(offered)
    page.get_by_label("Tags").fill("Choir, ")
    assert "Choir, Home group" in page.evaluate(offered)
    assert not any(text.count("Choir") > 1 for text in page.evaluate(offered))


def test_times_and_theme_are_remembered_by_the_browser_alone(visit):
    watched = visit("/admin/", actor="anna")
    page = watched.page
    page.get_by_role("button", name="Anna").press("Enter")
    page.get_by_role("button", name="Dark").press("Enter")
    assert "dark" in page.evaluate("document.documentElement.className")
    page.reload()
    watched.settle()
    assert "dark" in page.evaluate("document.documentElement.className")
    assert watched.complaints == []


def test_the_api_is_tried_in_a_browser_by_keyboard(visit, site):
    watched = visit(f"/api/members/{site.keys['ada']}", actor="anna", width=390)
    page = watched.page
    page.get_by_label("Method").select_option("PATCH")
    page.get_by_label("Body (JSON)").fill('{"nickname": "Countess"}')
    page.get_by_role("button", name="Send").press("Enter")
    page.get_by_text('"nickname": "Countess"').wait_for()
    assert page.locator("#send-answer").inner_text().startswith("200")
    check(watched)
