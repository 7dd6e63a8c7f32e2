"""The services that other tests lean on, and how our own processes behave as such."""

from __future__ import annotations

import subprocess
import threading

import psycopg
import pytest
from psycopg import sql

from tests import world
from tests.services import wait_until

pytestmark = pytest.mark.slow


def test_our_own_web_server_answers_on_the_hosts_of_a_database(own_database, web):
    server = web(own_database)
    assert server.get("/healthz").json() == {"status": "ok"}
    assert server.get("/api/members", host="grace.localhost").status_code == 401
    assert server.get("/api/members", host="unknown.localhost").status_code == 404
    assert server.stop() == 0


def test_the_asgi_server_answers_http_too(own_database, web):
    server = web(own_database, interface="asgi")
    assert server.get("/api/members", host="grace.localhost").status_code == 401
    assert server.stop() == 0


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_pgbouncer_stands_before_the_tests_server(own_database, pgbouncer, mode):
    with psycopg.connect(pgbouncer(own_database, pool_mode=mode)) as connection:
        assert connection.execute("SELECT count(*) FROM tenants").fetchone() == (2,)


def test_redis_is_real_and_empty(redis_url):
    import redis

    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_sigterm_lets_a_request_under_way_finish(own_database, web):
    server = web(own_database)
    login = server.post(
        "/api/auth/login",
        host="grace.localhost",
        json={"email": world.email_of("bob"), "password": world.PASSWORD},
    ).json()
    headers = {"Authorization": f"Bearer {login['access']}"}
    answers: list[int] = []

    def ask() -> None:
        answer = server.get("/api/members", host="grace.localhost", headers=headers, timeout=60)
        answers.append(answer.status_code)

    with (
        psycopg.connect(own_database) as locker,
        psycopg.connect(own_database, autocommit=True) as observer,
    ):
        [schema] = locker.execute("SELECT schema_name FROM tenants WHERE subdomain = 'grace'").fetchone()
        locker.execute(sql.SQL("LOCK TABLE {}").format(sql.Identifier(schema, "members")))
        asking = threading.Thread(target=ask)
        asking.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        wait_until(lambda: observer.execute(waiting).fetchone() == (1,), what="the request")
        server.process.terminate()
        # As long as the request goes on, the server waits for it.
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(2)
        assert answers == []
        locker.rollback()
        asking.join()
    assert answers == [200]
    assert server.process.wait(30) == 0


def test_threads_keep_their_connections_and_take_no_more(own_database, web):
    server = web(own_database, threads=3)
    with psycopg.connect(own_database, autocommit=True) as observer:

        def connections() -> set[int]:
            rows = observer.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'churchsaas wsgi'"
            ).fetchall()
            return {pid for (pid,) in rows}

        def visit() -> None:
            for _ in range(20):
                assert server.get("/readyz").status_code == 503

        threads = [threading.Thread(target=visit) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = connections()
        visit()
        assert connections() == kept
        assert 1 <= len(kept) <= 3
