"""Poolers must not hand one church's search path to another: PgBouncer refused, psycopg's pool cleaned."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from tenants.pooling import Pooling, Sighting, judge, refuse_shared_search_path
from tests.services import wait_until

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
    assert server.process.wait(60) != 0
    assert "Set pool_mode = session in PgBouncer" in server.text()


def test_everything_works_behind_a_session_mode_pooler(own_database, pgbouncer, web, worker):
    url = pgbouncer(own_database, pool_mode="session", default_pool_size=40)
    servers = [web(url), web(url, interface="asgi")]
    worker(url)
    for server in servers:
        wait_until(lambda: server.get("/readyz").status_code == 200, what="a beat of the worker")  # noqa: B023 - called before the loop goes on
        assert server.get("/api/members", host="grace.localhost").status_code == 401
