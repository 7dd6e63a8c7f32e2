"""A real server on a database of its own, and a real browser that looks at it.

Both are shared by all tests of this package. While the browser's driver runs, its event loop keeps
Django's ORM from working in this process, so what the pages show is made before.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests import databases, services, world
from tests.browser.contents import fill
from tests.browser.settling import SCRIPTS_HAVE_RUN

PARTS_OF_WATCHING = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass(frozen=True)
class Site:
    """A running installation: the port, the keys of rows that the pages under test show, its database."""

    port: int
    keys: dict[str, str]
    database_url: str

    def origin(self, host: str = "grace.localhost") -> str:
        return f"http://{host}:{self.port}"


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
    has_scripts: bool = True

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
        if self.has_scripts:
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
        watched = Watched(context.new_page(), has_scripts=options.get("java_script_enabled", True))
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
