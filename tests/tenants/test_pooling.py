"""Poolers must not hand one church's search path to another: PgBouncer refused, psycopg's pool cleaned."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from members.models import Member
from tenants.context import enter_church
from tenants.models import Church
from tenants.pooling import Pooling, Sighting, forget_church, judge, refuse_shared_search_path
from tests import world
from tests.services import ROOT, project_environment, wait_until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"server_round_robin": 1},
        {"default_pool_size": 1},
        {"default_pool_size": 2, "server_round_robin": 1},
        {"pool_mode": "statement"},
    ],
    ids=str,
)
def test_a_transaction_mode_pooler_is_refused(own_database, pgbouncer, settings):
    url = pgbouncer(own_database, **{"pool_mode": "transaction", **settings})
    for _ in range(5):
        with pytest.raises(ImproperlyConfigured, match=r"pool_mode = session") as refusal:
            refuse_shared_search_path(url)
    assert "track_extra_parameters" in str(refusal.value)
    assert marked_servers(url) == 0


@pytest.mark.parametrize("round_robin", [0, 1])
@pytest.mark.parametrize("warm", [1, 2, 3, 12])
def test_it_is_refused_among_servers_that_others_left_behind(own_database, pgbouncer, round_robin, warm):
    url = pgbouncer(own_database, pool_mode="transaction", server_round_robin=round_robin)
    open_transactions = [psycopg.connect(url) for _ in range(warm)]
    for connection in open_transactions:
        connection.execute("SELECT 1")
    for connection in open_transactions:
        connection.close()
    with pytest.raises(ImproperlyConfigured):
        refuse_shared_search_path(url)
    assert marked_servers(url) == 0


def test_it_is_refused_while_others_are_at_work(own_database, pgbouncer):
    url = pgbouncer(own_database, pool_mode="transaction")
    done = threading.Event()

    def work():
        # Prepared statements do not survive this kind of pooling either.
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
            while not done.is_set():
                connection.execute("SELECT pg_sleep(random() * 0.002)")

    workers = [threading.Thread(target=work) for _ in range(4)]
    for thread in workers:
        thread.start()
    try:
        for _ in range(10):
            with pytest.raises(ImproperlyConfigured):
                refuse_shared_search_path(url)
    finally:
        done.set()
        for thread in workers:
            thread.join()
    assert marked_servers(url) == 0


@pytest.mark.parametrize("size", [1, 2, 20])
def test_a_session_mode_pooler_is_good(own_database, pgbouncer, size):
    url = pgbouncer(own_database, pool_mode="session", default_pool_size=size)
    started = time.monotonic()
    assert refuse_shared_search_path(url) is Pooling.NONE
    assert time.monotonic() - started < 5
    assert marked_servers(url) == 0


def test_without_a_pooler_the_look_takes_a_moment(own_database):
    refuse_shared_search_path(own_database)
    times = []
    for _ in range(10):
        started = time.perf_counter()
        assert refuse_shared_search_path(own_database) is Pooling.NONE
        times.append(time.perf_counter() - started)
    assert min(times) < 0.05, times
    assert marked_servers(own_database) == 0


def marked_servers(url: str) -> int:
    """How many of the servers behind ``url`` still have the path that a look has set."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        paths = {
            connection.execute("SELECT pg_backend_pid(), current_setting('search_path')").fetchone()
            for _ in range(200)
        }
    return sum("churchsaas_probe" in path for _, path in paths)


def test_servers_that_are_shared_with_the_path_following_are_good():
    # Debian's PgBouncer (1.18) cannot track a search path; these are the rows that one which can gives.
    tracked = [Sighting(True, 1, True), Sighting(True, 2, True), Sighting(False, 1, False)]
    assert judge(tracked) is Pooling.TRACKED
    assert judge([*tracked, Sighting(False, 2, True)]) is Pooling.SHARED
    assert judge([*tracked, Sighting(True, 3, False)]) is Pooling.SHARED


@pytest.mark.parametrize("kind", ["wsgi", "asgi", "worker"])
def test_no_process_of_ours_starts_behind_a_transaction_mode_pooler(
    own_database, pgbouncer, web, worker, kind
):
    url = pgbouncer(own_database, pool_mode="transaction")
    server = worker(url) if kind == "worker" else web(url, interface=kind, wait=False)
    assert server.process.wait(60) == 1
    assert "Set pool_mode = session in PgBouncer" in server.text()


def test_neither_application_loads_behind_a_transaction_mode_pooler(own_database, pgbouncer):
    """Whatever other server loads them."""
    url = pgbouncer(own_database, pool_mode="transaction")
    for module in ("churchsaas.wsgi", "churchsaas.asgi"):
        done = subprocess.run(
            [sys.executable, "-c", f"import {module}"],
            env={**os.environ, **project_environment(url)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "ImproperlyConfigured: DATABASE_URL leads to a connection pooler" in done.stderr


def test_everything_works_behind_a_session_mode_pooler(own_database, pgbouncer, web, worker):
    url = pgbouncer(own_database, pool_mode="session", default_pool_size=40)
    servers = [web(url), web(url, interface="asgi")]
    worker(url)
    for server in servers:
        wait_until(lambda: server.get("/readyz").status_code == 200, what="a beat of the worker")  # noqa: B023 - called before the loop goes on
        assert server.get("/api/members", host="grace.localhost").status_code == 401


@pytest.fixture
def pool_of_one(own_database) -> Iterator[None]:
    """Django's connection comes from a pool of one, as settings make it for the realtime process."""
    connection = connections["default"]
    connection.close()
    settings = connection.settings_dict
    kept = settings["CONN_MAX_AGE"], dict(settings["OPTIONS"])
    settings["CONN_MAX_AGE"] = 0
    settings["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1, "timeout": 10, "reset": forget_church}
    yield
    connection.close()
    connection.close_pool()
    settings["CONN_MAX_AGE"], settings["OPTIONS"] = kept


def domains_of_people() -> set[str]:
    emails = Member.objects.values_list("email", flat=True)
    return {email.partition("@")[2] for email in emails if email}


def test_two_churches_that_share_one_pooled_connection_read_their_own_people(pool_of_one):
    backends = set()

    def work(subdomain: str) -> None:
        for _ in range(25):
            with enter_church(Church.objects.get(subdomain=subdomain)):
                assert domains_of_people() == {f"{subdomain}.example"}
                backends.add(connections["default"].connection.info.backend_pid)
            connections["default"].close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, ["grace", "hope"] * 2))
    assert len(backends) == 1


def test_a_connection_from_the_pool_has_forgotten_the_last_church(pool_of_one):
    connection = connections["default"]
    with enter_church(Church.objects.get(subdomain="grace")):
        assert domains_of_people() == {"grace.example"}
        backend = connection.connection.info.backend_pid
    connection.close()
    connection.ensure_connection()
    with connection.connection.cursor() as raw:
        raw.execute("SELECT pg_backend_pid(), current_setting('search_path')")
        assert raw.fetchone() == (backend, '""')
        with pytest.raises(psycopg.errors.UndefinedTable):
            raw.execute("SELECT count(*) FROM members")


def test_a_connection_given_back_in_a_transaction_has_forgotten_too(pool_of_one):
    connection = connections["default"]
    with enter_church(Church.objects.get(subdomain="grace")):
        connection.set_autocommit(False)
        assert domains_of_people() == {"grace.example"}
    connection.close()
    connection.ensure_connection()
    with connection.connection.cursor() as raw:
        raw.execute("SHOW search_path")
        assert raw.fetchone() == ('""',)


@pytest.mark.parametrize("surroundings", ["", "asgi"])
def test_only_the_realtime_process_has_a_pool(own_database, manage, surroundings):
    """Whatever the environment of a process says: it forks, or keeps a connection for each thread."""
    environment = {"CHURCHSAAS_PROCESS": surroundings, "PYTHONPATH": str(ROOT)}
    question = "; from django.conf import settings; print('pool' in settings.DATABASES['default']['OPTIONS'])"

    def answer(program: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program + question],
            env={**os.environ, **project_environment(own_database, environment)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert answer("import churchsaas.asgi") == "True"
    assert answer("import churchsaas.wsgi") == "False"
    # The worker is a command too.
    command = manage(own_database, "shell", "-v0", "-c", question.lstrip("; "), environment=environment)
    assert command.stdout.strip() == "False"


async def test_many_requests_at_once_share_the_pool_of_the_realtime_process(own_database, web):
    server = web(own_database, interface="asgi", environment={"DATABASE_POOL_SIZE": "4"})
    login = server.post(
        "/api/auth/login",
        host="grace.localhost",
        json={"email": world.email_of("bob"), "password": world.PASSWORD},
    ).json()
    headers = {"Authorization": f"Bearer {login['access']}", "Host": "grace.localhost"}
    limits = httpx.Limits(max_connections=32)
    most = 0
    async with (
        httpx.AsyncClient(base_url=server.url, headers=headers, limits=limits, timeout=30) as client,
        await psycopg.AsyncConnection.connect(own_database, autocommit=True) as observer,
    ):

        async def visit() -> list[int]:
            return [(await client.get("/api/members")).status_code for _ in range(10)]

        visits = asyncio.gather(*(visit() for _ in range(32)))
        while not visits.done():
            row = await (await observer.execute(POOLED)).fetchone()
            most = max(most, row[0])
            await asyncio.sleep(0.01)
        assert await visits == [[200] * 10] * 32
    assert 1 <= most <= 4


POOLED = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'churchsaas asgi'
"""
