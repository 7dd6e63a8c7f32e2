"""A real server on a database of its own, and a real browser that looks at it.

Both are shared by all tests of this package. While the browser's driver runs, its event loop keeps
Django's ORM from working in this process, so what the pages show is made before.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest

from tests import databases, services, world
from tests.files.samples import PDF, picture
from tests.security import endpoints_history
from tests.visits.conftest import at

ATTACK = "<script>alert(1)</script>"
WIDTHS = (390, 1280)
PARTS_OF_WATCHING = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""

SCRIPTS_HAVE_RUN = """
async () => {
  await document.fonts.ready;
  for (let turn = 0; turn < 3; turn += 1)
    await new Promise((go) => requestAnimationFrame(() => setTimeout(go, 0)));
}
"""


@dataclass(frozen=True)
class Site:
    """A running installation: the port, the keys of rows that the pages under test show, its database."""

    port: int
    keys: dict[str, str]
    database_url: str

    def origin(self, host: str = "grace.localhost") -> str:
        return f"http://{host}:{self.port}"


def fill() -> dict[str, str]:
    """Makes what the pages show, in the database that Django is connected to; returns keys by name."""
    from accounts import links
    from accounts.models import User
    from tenants.context import enter_church
    from tenants.models import Church

    with enter_church(Church.objects.get(subdomain="grace")):
        anna, bob = (User.objects.get(email=world.email_of(actor)) for actor in ("anna", "bob"))
        told(anna)
        field = own_fields()
        changed, entry = endpoints_history.MAKERS["changed"]()
        return {
            "field": str(field.pk),
            **people_with_notes(anna),
            **imports(bob),
            **newcomers(),
            **stored_files(anna),
            **visits(anna),
            **prayers(anna),
            **events(anna),
            "changed": str(changed),
            "entry": str(entry),
            "deletion": str(endpoints_history.MAKERS["deletion"]()),
            "bob": str(bob.pk),
            "list": str(saved_list(bob).pk),
            "link": links.make_token(bob, links.RESET),
            "church": str(Church.objects.get(subdomain="hope").pk),
        }


def told(anna: Any) -> None:
    """More than a page of notifications, some read, with a long name in them."""
    from notifications.domain import mark_all_read, notify

    data = {"broke_off": False, "created": 7, "updated": 0, "failed": 1}
    for number in range(60):
        name = f"{ATTACK}{'people' * 20}.csv" if number == 58 else f"people {number}.csv"
        url = "/admin/members/member/" if number % 3 else ""
        notify(kind="members.import_finished", users=[anna], data={**data, "file": name}, url=url)
    mark_all_read(user=anna, up_to=55)


def people_with_notes(anna: Any) -> dict[str, str]:
    """A household of many, two people in two of them, notes, and two entries put together."""
    from members.confidential.domain import add_note, read_confidential_note
    from members.domain import create_member
    from members.households.domain import add_to_household, create_household
    from members.households.importing import place_everybody
    from members.merging.domain import merge_members
    from members.models import Member

    attacker = create_member(
        first_name=ATTACK, last_name="Attacker", nickname="javascript:alert(2)",
        tags=["<img src=x onerror=alert(3)>"], household_key="H1", household_role="Head",
        address={"line1": "javascript:alert(4)"}, birth_date="1980-02-29",
        custom_fields={"shirt": "large", "teams": ["welcome"], "note": ATTACK},
    )  # fmt: skip
    for number in range(60):
        create_member(
            first_name=f"Person{number}", last_name="Household", household_key="H1",
            phone=f"217 555 {number:04d}", birth_date=f"--{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            tags=["Choir", "Home group"][: number % 3],
            membership_status=["member", "visitor"][number % 2],
        )  # fmt: skip
    place_everybody(seconds=30)
    household = attacker.households.get()
    ada = Member.objects.get(first_name="Ada")
    add_to_household(household=household, member=ada, role=ATTACK)
    second = create_household(people=[(ada, "head")], name="<img src=x onerror=alert(5)> household")
    for number, confidential in enumerate((False, True)):
        note = add_note(member=attacker, body=f"{ATTACK} {number}", author=anna, is_confidential=confidential)
    read_confidential_note(note=note, reader=anna)
    twins = [create_member(first_name=name, last_name="Twice", email="t@twice.example") for name in "ABC"]
    merge_members(survivor=twins[0], absorbed=twins[1], user=anna)
    return {
        "attacker": str(attacker.pk),
        "ada": str(ada.pk),
        "household": str(household.pk),
        "second_household": str(second.pk),
        "note": str(note.pk),
    }


def stored_files(anna: Any) -> dict[str, str]:
    """A document with a name that wants to be markup, and the photo of Ada."""
    from files.domain import store_file
    from members.models import Member
    from members.photos import set_photo

    name = f"Rota {ATTACK} for the whole of the coming year.pdf"
    document = store_file(content=BytesIO(PDF), name=name, purpose="document", user=anna)
    ada = Member.objects.get(first_name="Ada")
    set_photo(member=ada, content=BytesIO(picture(size=(1200, 900))), user=anna)
    return {"file": str(document.pk)}


def prayers(anna: Any) -> dict[str, str]:
    """A wall of two pages, an urgent request, and an anonymous one with everything that can be about it."""
    from prayer import domain, requester
    from prayer.praying import pray

    for number in range(22):
        domain.submit_request(description=f"Pray for number {number}. {ATTACK}", source="api")
    urgent = domain.submit_request(description="I want to die.", source="wall").request
    made = domain.submit_request(
        title=f"Night {ATTACK}",
        description=f"javascript:alert(6)\n{ATTACK}",
        source="wall",
        name=ATTACK,
        email="nico@night.example",
        is_anonymous=True,
        category="family",
    )
    values = {"moderation": "published", "testimony": ATTACK, "testimony_is_public": True}
    request = domain.change_request(request=made.request, user=anna, assigned_to=anna, **values)
    for audience in ("public", "internal", "confidential"):
        domain.add_update(request=request, user=anna, update_text=ATTACK, audience=audience)
    requester.write_again(secret=made.secret, update_text=f"Once more {ATTACK}")
    pray(request=request, browser="b")
    return {"urgent": str(urgent.pk), "prayer": str(request.pk), "prayer_secret": made.secret}


def imports(bob: Any) -> dict[str, str]:
    """An import with an error, a trial run, and a file of whose columns nobody has spoken yet."""
    from members.importing.domain import start_import, take_in
    from members.importing.running import work_unfinished

    people = b"First Name,Last Name,Email,Shoe size\nRuth,Moab,ruth@moab.example,7\nBoaz,Ephrath,nonsense,9\n"
    done = start_import(content=people, file_name="people.csv", user=bob)
    trial = start_import(content=people, file_name="people.csv", user=bob, dry_run=True)
    work_unfinished(seconds=30)
    draft = take_in(content=people, file_name="people.csv", user=bob)
    return {"import": str(done.pk), "trial": str(trial.pk), "draft": str(draft.pk)}


def events(anna: Any) -> dict[str, str]:
    """A full event with a wait list, a series with a date of its own, and the link of a guest."""
    from datetime import timedelta

    from django.utils import timezone

    from events.domain import change_event, create_event
    from events.registrations.domain import record_attendance, register
    from events.registrations.links import token_of
    from members.models import Member

    start = timezone.now() + timedelta(days=7)
    times = {"start_datetime": start, "end_datetime": start + timedelta(hours=2)}
    full = create_event(
        title=f"Concert {ATTACK}", max_attendees=4, registration_required=True, created_by=anna,
        description=ATTACK, location="javascript:alert(6)", **times,
    )  # fmt: skip
    series = create_event(title="Service", recurrence="FREQ=WEEKLY", timezone="Europe/Berlin", **times)
    change_event(event=series, scope="one", occurrence_start=series.start_datetime, status="cancelled")
    for person in Member.objects.filter(last_name="Household")[:5]:
        register(event=full, member=person)
    guest = register(event=full, name=ATTACK, email="guest@guests.example")
    record_attendance(event=full, member=full.registrations.earliest("number").member)
    return {"event": str(full.pk), "series": str(series.pk), "guest": token_of(guest)}


def newcomers() -> dict[str, str]:
    """Addresses of users who sign in for the first time, one for each width."""
    from accounts.domain import create_user

    emails = {f"newcomer-{width}": f"newcomer{width}@grace.example" for width in WIDTHS}
    for email in emails.values():
        create_user(email=email, role="staff", first_name="Newcomer", password=world.PASSWORD)
    return emails


def visits(anna: Any) -> dict[str, str]:
    """A full day next week, a visit that was moved, and one that is done and has a report."""
    from visits import domain

    for hour in range(17, 23):
        domain.book_visit(
            user=anna, visitor_name=ATTACK, visit_type=ATTACK[:50], location=ATTACK, notes=ATTACK,
            assigned_pastor=anna, scheduled_datetime=at(7, f"{hour}:00"),
        )  # fmt: skip
    planned = domain.book_visit(
        user=anna, visitor_name="Zacchaeus", visit_type="home", assigned_pastor=anna,
        scheduled_datetime=at(6, "17:00"),
    )  # fmt: skip
    moved = domain.reschedule_visit(visit=planned, user=anna, scheduled_datetime=at(6, "21:00"))
    done = domain.book_visit(
        user=anna, visitor_name="Nicodemus", visit_type="home", assigned_pastor=anna,
        scheduled_datetime=at(-1),
    )  # fmt: skip
    domain.complete_visit(visit=done, user=anna, report="Came by night.", follow_up_on=at(0).date())
    return {
        "visit": str(moved.pk),
        "visit_done": str(done.pk),
        "visit_moved": str(planned.pk),
        "day": f"{at(7):%F}",
    }


def own_fields() -> Any:
    """A field of the church's own of each kind; returns one with choices."""
    from members.custom_fields.domain import create_custom_field

    teams = [{"label": "Welcome"}, {"label": "Music"}]
    for label, kind in (("Note", "text"), ("Height", "number"), ("Joined", "date"), ("Paid", "yes_no")):
        create_custom_field(label=label, kind=kind, help_text=f"What {label} is")
    create_custom_field(label="Teams", kind="choices", choices=teams)
    return create_custom_field(
        label="Shirt", kind="choice", choices=[{"label": "Small"}, {"label": "Large"}], visible_to=["pastor"]
    )


def saved_list(user: Any) -> Any:
    """A shared list with conditions of several kinds."""
    from members.saved_lists.domain import save_list

    conditions = [
        {"field": "tags", "operator": "has", "value": "Choir"},
        {"field": "custom_fields.teams", "operator": "has_not", "value": "music"},
        {"field": "email", "operator": "missing"},
    ]
    return save_list(
        user=user, name=f"The choir {ATTACK}", rule={"match": "any", "conditions": conditions}, is_shared=True
    )


@pytest.fixture(scope="package")
def site(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Web server and worker on a copy of the template database with some more in it."""
    name = f"churchsaas_test_{databases.RUN}_browser_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with django_db_blocker.unblock():
        before = databases.connections["default"].settings_dict["NAME"]
        databases.clone(name)
        databases.connect_to(name)
        keys = fill()
        databases.connect_to(before)
    port = services.free_port()
    environment = services.project_environment(
        databases.url_of(name), {"RATE_LIMIT_SCALE": "1000", "LOG_LEVEL": "WARNING"}
    )
    output = tmp_path_factory.mktemp("browser")
    wanted = {
        "web": services.processes.http_process(host=services.HOST, port=port),
        "worker": services.processes.worker_process(),
    }
    started = [
        services.start(
            process.arguments,
            output=output / f"{kind}.txt",
            environment={**environment, **process.environment},
            url=f"http://{services.HOST}:{port}",
        )
        for kind, process in wanted.items()
    ]
    try:
        services.wait_until(lambda: services._is_up(started[0]), what="the web server")
        yield Site(port, keys, databases.url_of(name))
    finally:
        for server in started:
            server.stop()
        with django_db_blocker.unblock():
            databases.drop(name)


@pytest.fixture(scope="package")
def driven_browser(chromium: str, site: Site) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, who runs tests in a container.
        options = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def signed_in() -> dict[str, Any]:
    """Cookies of those who signed in once, by actor."""
    return {}


def size_of(width: int) -> Any:
    """A window of that width: a phone's, or a desk's."""
    return {"width": width, "height": 844 if width < 500 else 800}


@dataclass
class Watched:
    """A page whose console, policy reports, dialogs and failed requests are written down."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("requestfailed", self._failed)

    def _console(self, message: Any) -> None:
        # The browser says so of every answer above 399; whether one is right, the test knows.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _failed(self, request: Any) -> None:
        # A request that the page itself gave up, by going elsewhere, has not failed.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def resize(self, width: int) -> None:
        """Makes the window ``width`` pixels wide."""
        self.page.set_viewport_size(size_of(width))
        self.settle()

    def settle(self) -> None:
        """Waits until scripts have run, and writes down what the policy refused."""
        self.page.wait_for_load_state("load")
        # Waiting for a silent network would be half a second of doing nothing for each page.
        self.page.evaluate(SCRIPTS_HAVE_RUN)
        self.complaints += [f"policy: {text}" for text in self.page.evaluate("window.violations")]
        self.page.evaluate("window.violations = []")


@pytest.fixture(scope="package")
def kept_contexts(driven_browser: Any) -> Iterator[dict[Any, Any]]:
    """One profile of the browser for each kind of visitor, so that files are fetched once."""
    contexts: dict[Any, Any] = {}
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.fixture
def visit(
    driven_browser: Any, site: Site, signed_in: dict[str, Any], kept_contexts: dict[Any, Any]
) -> Iterator[Callable[..., Watched]]:
    """``visit("/admin/", actor="bob", width=390)``: a page, opened by an actor who is signed in."""
    pages = []

    def open_page(
        path: str,
        *,
        actor: str | None = None,
        width: int = 1280,
        host: str = "grace.localhost",
        **options: Any,
    ) -> Watched:
        if actor and actor not in signed_in:
            signed_in[actor] = sign_in(driven_browser, site, actor)
        kind = (actor, width, host, *sorted(options.items()))
        if kind not in kept_contexts:
            kept_contexts[kind] = driven_browser.new_context(
                base_url=site.origin(host),
                viewport=size_of(width),
                reduced_motion="reduce",
                **options,
            )
            kept_contexts[kind].add_init_script(PARTS_OF_WATCHING)
        context = kept_contexts[kind]
        # What an earlier test did to the cookies is undone: signing out, for one.
        context.clear_cookies()
        if actor:
            context.add_cookies(signed_in[actor]["cookies"])
        watched = Watched(context.new_page())
        pages.append(watched.page)
        watched.watch()
        watched.page.goto(path)
        watched.settle()
        return watched

    yield open_page
    for page in pages:
        page.close()


def sign_in(browser: Any, site: Site, actor: str) -> Any:
    """The cookies of ``actor`` after signing in on the page for it; ``root`` is the superuser."""
    superuser = actor == "root"
    context = browser.new_context(base_url=site.origin("localhost" if superuser else "grace.localhost"))
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("[name=username]", world.SUPERUSER if superuser else world.email_of(actor))
    page.fill("[name=password]", world.PASSWORD)
    page.click("[type=submit]")
    page.wait_for_url(lambda address: "login" not in address)
    state = context.storage_state()
    context.close()
    return state
