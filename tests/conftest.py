"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from rest_framework.test import APIClient

from tests import databases, world

pytest_plugins = ["tests.services", "tests.own_server"]


# What starts much and is then used by many tests: all of it in one test process, and first.
TOGETHER = ("tests/browser/", "tests/deploy/test_demo.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deals the tests out one by one, but for those of TOGETHER.

    xdist's own groups have no effect with pytest 9.2, which keeps the names of tests elsewhere.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)

    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that of several test processes none is left alone with it."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """What has been imported and collected lives until the end: nobody looks for garbage in it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """This process's own copy of the template database."""
    name = f"churchsaas_test_{databases.RUN}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with django_db_blocker.unblock():
        databases.ensure_template()
        databases.clone(name)
        databases.connect_to(name)
    yield
    with django_db_blocker.unblock():
        databases.connect_to("postgres")
        databases.drop(name)


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The URL of a fresh copy of the template that Django is connected to for one test.

    For tests that must commit, or that start servers and workers of their own on it.
    """
    before = databases.connections["default"].settings_dict["NAME"]
    name = f"churchsaas_test_{databases.RUN}_own_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with django_db_blocker.unblock():
        databases.clone(name)
        databases.connect_to(name)
        yield databases.url_of(name)
        databases.connect_to(before)
        databases.drop(name)


@pytest.fixture(autouse=True)
def forget_between_tests() -> Iterator[None]:
    """No counter, cached value or remembered host outlives a test."""
    from tenants.hosts import forget_hosts

    for name in ("default", "counters"):
        caches[name].clear()
    forget_hosts()
    yield
    forget_hosts()


@pytest.fixture
def grace(db: None) -> Any:
    from tenants.models import Church

    return Church.objects.get(subdomain="grace")


@pytest.fixture
def hope(db: None) -> Any:
    from tenants.models import Church

    return Church.objects.get(subdomain="hope")


@pytest.fixture
def church_of(grace: Any, hope: Any) -> Callable[[str], Any]:
    """``church_of("bob")``: the church in which an actor of tests.world is at home."""
    return lambda actor: {"grace": grace, "hope": hope}[world.ACTORS[actor][0]]


@pytest.fixture
def user(church_of: Callable[[str], Any]) -> Callable[[str], Any]:
    """``user("bob")``: the account of an actor of tests.world."""
    from accounts.models import User
    from tenants.context import enter_church

    def find(actor: str) -> Any:
        with enter_church(church_of(actor)):
            return User.objects.get(email=world.email_of(actor))

    return find


@pytest.fixture
def tokens(user: Callable[[str], Any], church_of: Callable[[str], Any]) -> Callable[[str], dict[str, str]]:
    """``tokens("bob")``: ``{"access", "refresh"}`` of a new login of an actor."""
    from accounts.tokens import start_login
    from tenants.context import enter_church

    def login(actor: str) -> dict[str, str]:
        with enter_church(church_of(actor)):
            return start_login(user=user(actor))

    return login


@pytest.fixture
def api(tokens: Callable[[str], dict[str, str]]) -> Callable[..., APIClient]:
    """``api("bob")``: an API client on the actor's church with a token; ``api(None, host=…)``: without."""

    def client(actor: str | None = None, host: str | None = None) -> APIClient:
        home = world.ACTORS[actor][0] if actor else "grace"
        made = APIClient(HTTP_HOST=host or f"{home}.localhost")
        if actor:
            made.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens(actor)['access']}")
        return made

    return client


@pytest.fixture
def browser_session(user: Callable[[str], Any], church_of: Callable[[str], Any]) -> Callable[[str], Client]:
    """``browser_session("bob")``: a Django client with the actor's session cookie on their host."""
    from tenants.context import enter_church

    def client(actor: str) -> Client:
        made = Client(HTTP_HOST=f"{world.ACTORS[actor][0]}.localhost")
        with enter_church(church_of(actor)):
            made.force_login(user(actor))
        return made

    return client


@pytest.fixture
def work_queue(db: None) -> Callable[[], int]:
    """``work_queue()``: carries out the queued jobs as a worker would, until none is left."""
    return work_jobs


def work_jobs() -> int:
    """Carries out the queued jobs as a worker would, until none is left; returns how many."""
    from django_q.models import OrmQ
    from django_q.signing import SignedPackage

    worked = 0
    while queued := OrmQ.objects.order_by("id").first():
        task = SignedPackage.loads(queued.payload)
        queued.delete()
        module, _, function = task["func"].rpartition(".")
        getattr(import_module(module), function)(*task["args"], **task["kwargs"])
        worked += 1
    return worked
