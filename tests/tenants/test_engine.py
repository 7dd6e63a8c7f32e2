"""The database engine: one statement asks for the connection's health and sets the church."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import world

# Sends the signals at the end of a request that a server sends, on which connections are looked at.
HOST = "grace.localhost"


@pytest.fixture
def signed_in(own_database: str) -> Client:
    client = Client(HTTP_HOST=HOST)
    answer = client.post(
        "/api/auth/login",
        {"email": world.email_of("bob"), "password": world.PASSWORD},
        content_type="application/json",
    )
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {answer.json()['access']}"
    return client


def _begin_next_request() -> None:
    """What Django does when a request begins: the connection is to be asked whether it lives."""
    connection.health_check_enabled = True
    connection.health_check_done = False


def test_a_page_costs_one_statement_for_the_church_and_two_for_the_answer(signed_in):
    assert signed_in.get("/api/members").status_code == 200
    _begin_next_request()
    with CaptureQueriesContext(connection) as queries:
        assert signed_in.get("/api/members").status_code == 200
    # The search path is set on the raw cursor, out of the list: login and page remain.
    assert len(queries) == 2, [query["sql"] for query in queries]


def test_a_connection_that_the_server_closed_is_renewed_without_an_error(signed_in, own_database):
    assert signed_in.get("/api/members").status_code == 200
    backend = connection.connection.info.backend_pid
    with psycopg.connect(own_database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend])
    _begin_next_request()
    assert signed_in.get("/api/members").json()["count"] == 4
    assert connection.connection.info.backend_pid != backend
