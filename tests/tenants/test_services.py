"""The services that other tests lean on."""

from __future__ import annotations

import psycopg
import pytest

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
