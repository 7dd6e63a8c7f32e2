"""The bell in a real browser: its number follows what happens, in every window."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import services
from tests.browser.conftest import Site
from tests.browser.contents import WIDTHS
from tests.browser.test_pages import check, focus

pytestmark = pytest.mark.slow

SAY = """
from accounts.models import User
from notifications.domain import notify
from tenants.context import enter_church
from tenants.models import Church
with enter_church(Church.objects.get(subdomain="grace")):
    data = {"file": "people.csv", "broke_off": False, "created": 7, "updated": 0, "failed": 0}
    bob = User.objects.get(email="bob@grace.example")
    notify(kind="members.import_finished", users=[bob], data=data, url="/admin/members/member/")
"""
NUMBER = "#bell-number"


@pytest.fixture
def realtime(site: Site, tmp_path):
    """The ASGI process beside the site's own, on the same database; it serves everything."""
    port = services.free_port()
    process = services.processes.realtime_process(host=services.HOST, port=port)
    server = services.start(
        process.arguments,
        output=tmp_path / "realtime.txt",
        environment={
            **services.project_environment(site.database_url, {"RATE_LIMIT_SCALE": "1000"}),
            **process.environment,
        },
        url=f"http://{services.HOST}:{port}",
    )
    services.wait_until(lambda: services._is_up(server), what="the realtime process")
    yield server
    server.stop()


def test_the_bell_tells_every_window_what_is_new(visit, site, realtime, manage):
    origin = f"http://grace.localhost:{realtime.url.rpartition(':')[2]}"
    first = visit(f"{origin}/admin/", actor="bob")
    # In the same browser, where one window listens for both.
    second = visit(f"{origin}/admin/members/member/", actor="bob")
    before = int(first.page.locator(NUMBER).inner_text())
    said = manage(site.database_url, "shell", "-c", SAY)
    assert said.returncode == 0, said.stderr
    for watched in (first, second):
        expect(watched.page.locator(NUMBER)).to_have_text(str(before + 1), timeout=10_000)
        status = watched.page.get_by_role("status").filter(
            has_text="New notification: people.csv is imported"
        )
        status.wait_for(state="attached")
    # By keyboard to the list, and from there to what it is about.
    page = second.page
    focus(page, "a", f"Notifications, unread: {before + 1}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/notifications/")
    second.settle()
    check(second)
    focus(page, "button", "people.csv is imported. New: 7")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/members/member/")
    expect(first.page.locator(NUMBER)).to_have_text(str(before), timeout=10_000)
    assert first.complaints == second.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_and_the_choices_can_be_read_in_the_dark(visit, width):
    for path in ("/admin/notifications/", "/admin/notifications/preferences/"):
        check(visit(path, actor="bob", width=width, color_scheme="dark"))
