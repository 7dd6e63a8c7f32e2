"""``python -m tests.browser.screenshots [folder]``: pictures of the main pages, for README and docs.

Runs the demo on a port and a database of its own, so that the pictures show what anybody sees who
tries it: a church of 81 people. Every page is taken on a phone (390 px) and on a desk (1280 px).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import httpx

from churchsaas.processes import ROOT
from members.demo.churches import PASSWORD, SUPERUSER
from tests.browser.settling import SCRIPTS_HAVE_RUN
from tests.services import HOST, Server, free_port, start, wait_until

SIZES = {390: 844, 1280: 800}
DEMO_LIST = ROOT / "members" / "demo" / "grace_people.csv"
MORE_ROWS = """
Naomi,,Fields,,,Female,,,naomi.fields@email.com,,,Visitor,,(217) 555-0188,,,,,
Philip,,Stone,,,Male,,1988-13-40,philip.stone,,,Visitor,,12,,,,,
"""
# In a mail, the link by which people choose what they get.
PREFERENCES = re.compile(r"http://grace\.localhost:\d+/messages/[^/\s]+/preferences")


def run_demo(folder: Path, port: int) -> Server:
    """The demo with its data below ``folder``, when it answers."""
    environment = {"VAR_DIR": str(folder), "PORT": str(port), "DATABASE_URL": "", "REDIS_URL": ""}
    demo = start(
        [sys.executable, "-m", "churchsaas.demo"],
        output=folder / "demo.txt",
        environment=environment,
        url=f"http://{HOST}:{port}",
    )
    wait_until(lambda: answers(demo), seconds=120, what="the demo")
    return demo


def answers(server: Server) -> bool:
    try:
        return server.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def sign_in(page: Any, origin: str, email: str) -> None:
    page.goto(f"{origin}/admin/login/")
    page.fill("[name=username]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_url(re.compile(r"/admin/(?!login)"))


def take(page: Any, name: str, folder: Path) -> None:
    """Pictures of the page as it is, in each size."""
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_load_state("load")
        page.evaluate(SCRIPTS_HAVE_RUN)
        page.screenshot(path=folder / f"{name}-{width}.png")


def take_all(browser: Any, port: int, folder: Path, spare: Path) -> None:
    church, platform = f"http://grace.localhost:{port}", f"http://localhost:{port}"
    page = browser.new_page(reduced_motion="reduce")
    page.goto(f"{church}/admin/login/")
    page.evaluate("document.activeElement.blur()")
    take(page, "sign-in", folder)
    sign_in(page, church, "admin@grace.example")
    take(page, "today", folder)
    page.goto(f"{church}/admin/members/member/")
    take(page, "people", folder)
    page.get_by_role("link", name="Anderson, William").click()
    page.wait_for_url("**/change/**")
    take(page, "person", folder)
    people = spare / "people.csv"
    people.write_text(DEMO_LIST.read_text().rstrip() + MORE_ROWS)
    page.goto(f"{church}/admin/members/memberimport/add/")
    page.set_input_files("[name=file]", people)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/columns/")
    take(page, "import-columns", folder)
    page.get_by_role("button", name="Show what would happen").click()
    page.wait_for_selector("#import[data-finished=yes]", timeout=60_000)
    take(page, "import", folder)
    take_care_of_one(page, church, folder)
    take_visits(page, church, folder)
    take_prayer(page, church, folder)
    take_events(page, church, folder)
    take_message_to_many(page, church, folder)
    take_sequences(page, church, folder, spare / "mail")
    page.close()
    page = browser.new_page(reduced_motion="reduce")
    sign_in(page, platform, SUPERUSER)
    page.goto(f"{platform}/admin/tenants/church/")
    take(page, "churches", folder)
    page.close()


def take_events(page: Any, church: str, folder: Path) -> None:
    """What comes; a full event with its wait list, for the church and for everybody; who is at the door."""
    page.goto(f"{church}/admin/events/event/")
    take(page, "events", folder)
    page.locator(".coming-rows").get_by_role("link", name="Youth weekend").click()
    page.wait_for_url("**/registrations/**")
    take(page, "event", folder)
    page.get_by_role("link", name="Check-in").click()
    page.wait_for_url("**/check-in/**")
    page.get_by_role("button", name="Check in").first.click()
    page.wait_for_url("**/check-in/**")
    take(page, "check-in", folder)
    page.goto(f"{church}/events/")
    page.get_by_role("link", name="Youth weekend").click()
    take(page, "public-event", folder)


def take_message_to_many(page: Any, church: str, folder: Path) -> None:
    """A message to the people of a filtered list: its preview, and the page that asks before it is sent."""
    page.goto(f"{church}/admin/members/member/?status=member")
    page.get_by_role("link", name="Write to these people").click()
    page.wait_for_url("**/bulkmail/add/**")
    page.fill("[name=subject]", "Summer fair: {{ member.called | friend }}, come and bring somebody")
    page.fill(
        "[name=body_text]",
        "# Summer fair\nDear *{{ member.called | friend }}*,\n\non Saturday at ten our garden is open to all:"
        "\n\n- cake and coffee\n- music from noon\n- games for the children\n\nWrite to us if you can help,"
        " and see [what else comes up]({{ church.url }}/events/).",
    )
    page.get_by_role("button", name="Save and preview").click()
    page.wait_for_url("**/preview/")
    take(page, "message-preview", folder)
    page.get_by_role("link", name="Go on to sending").click()
    page.wait_for_url("**/confirm/")
    take(page, "message-confirmation", folder)


def take_care_of_one(page: Any, church: str, folder: Path) -> None:
    """Two entries of one person, put together; and what has become of them, told by the history."""
    page.goto(f"{church}/admin/members/member/add/")
    for name, text in (("first_name", "Will"), ("last_name", "Anderson"), ("nickname", "Bill")):
        page.fill(f"[name={name}]", text)
    page.fill("[name=email]", "william.anderson@email.com")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/member/(?!add)"))
    page.goto(f"{church}/admin/members/member/duplicates/")
    page.get_by_role("link", name="Compare and merge").first.click()
    page.wait_for_url("**/merge/**")
    take(page, "merge", folder)
    page.goto(f"{church}/admin/members/member/?q=william+anderson")
    page.get_by_role("link", name="Anderson, William").click()
    page.wait_for_url("**/change/**")
    address = page.url.partition("?")[0]
    page.fill("[name=marital_status]", "Married")
    page.fill("[name=phone]", "(217) 555-0199")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{address}?tab=household")
    take(page, "household", folder)
    page.goto(f"{address}?tab=history")
    take(page, "history", folder)


def take_visits(page: Any, church: str, folder: Path) -> None:
    """The month's calendar, a visit in it, and the free times for another."""
    page.goto(f"{church}/admin/visits/visit/calendar/")
    take(page, "visits-calendar", folder)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator("a.calendar-visit[draggable]").first.click()
    page.wait_for_url("**/change/**")
    take(page, "visit", folder)
    person = page.locator("a.contact-link[href*='/members/member/']").first.get_attribute("href")
    page.get_by_role("link", name="Move", exact=True).click()
    page.wait_for_url("**/reschedule/")
    take(page, "visit-move", folder)
    page.goto(f"{church}{person}?tab=care")
    take(page, "care", folder)


def take_prayer(page: Any, church: str, folder: Path) -> None:
    """The public wall, and the team's: what waits, one request, praying together."""
    base = f"{church}/admin/prayer/prayerrequest/"
    page.goto(f"{church}/prayer/")
    take(page, "prayer-wall", folder)
    page.goto(f"{base}?show=review")
    take(page, "prayers", folder)
    page.goto(f"{base}session/")
    take(page, "prayer-session", folder)
    page.goto(f"{base}?show=answered")
    page.get_by_role("link", name="Mom’s operation").click()
    page.wait_for_url("**/change/**")
    take(page, "prayer", folder)


def take_sequences(page: Any, church: str, folder: Path, mails: Path) -> None:
    """A sequence as a story, who is in it, one of its mails; and what people choose to get, by the link in
    one of the ``mails`` that the demo wrote into files.
    """
    # Mail goes out at whatever hour the pictures are taken.
    page.goto(f"{church}/admin/settings/")
    page.fill("[name=quiet_hours]", "")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{church}/admin/automation/sequence/")
    take(page, "sequences", folder)
    page.get_by_role("link", name="Welcome", exact=True).click()
    page.wait_for_url("**/change/**")
    take(page, "sequence", folder)
    page.get_by_role("link", name="Who is in it").click()
    page.wait_for_url("**/people/")
    take(page, "sequence-people", folder)
    page.get_by_role("link", name="Add somebody").click()
    page.get_by_label("Name, email or phone").fill("william anderson")
    page.get_by_role("button", name="Search").click()
    page.locator(".sequence-people li", has_text="@").get_by_role("button").first.click()
    page.get_by_role("link", name="Back to the sequence").click()
    page.get_by_role("link", name="Preview").first.click()
    page.wait_for_url("**/preview/**")
    take(page, "sequence-preview", folder)
    wait_until(lambda: bool(links_in(mails)), seconds=150, what="a mail of the demo")
    page.goto(links_in(mails)[-1])
    take(page, "preferences", folder)


def links_in(mails: Path) -> list[str]:
    """The links by which people choose what they get."""
    texts = [mail.read_text(errors="replace") for mail in sorted(mails.glob("*"))]
    return [link for text in texts for link in PREFERENCES.findall(text)]


def main() -> None:
    # Deferred: the check for a browser below says better what is missing.
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "screenshots")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("chromium is not installed: apt-get install chromium")
    spare = ROOT / "var" / "screenshots"
    shutil.rmtree(spare, ignore_errors=True)
    spare.mkdir(parents=True)
    port = free_port()
    demo = run_demo(spare, port)
    try:
        with sync_playwright() as playwright:
            # Chromium refuses its sandbox to root, who works in a container.
            options = ["--no-sandbox"] if os.getuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=chromium, args=options)
            take_all(browser, port, folder, spare)
            browser.close()
    finally:
        demo.stop()
        shutil.rmtree(spare, ignore_errors=True)


if __name__ == "__main__":
    main()
