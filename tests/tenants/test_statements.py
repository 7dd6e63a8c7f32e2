"""What one request says to PostgreSQL, read from the wire."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.core.signals import request_finished, request_started
from django.db import connection
from django.test import Client
from psycopg.pq import Trace

from tenants.hosts import church_of_host, forget_hosts
from tests import world

MESSAGE = re.compile(r"^(?=[FB]\t\d+\t)", re.MULTILINE)
STATEMENT = re.compile(r'F\t\d+\t(?:Query|Parse)\t (?:"[^"]*" )?"(?P<text>.*)"[^"]*\Z', re.DOTALL)


@contextmanager
def sent_statements() -> Iterator[list[str]]:
    """A list that, after the block, holds the statements that Django's present connection sent in it.

    libpq itself writes them down, so that nothing passes by: neither what django-tenants sends on a
    raw cursor nor what a pool sends on its own account.
    """
    connection.ensure_connection()
    libpq = connection.connection.pgconn
    statements: list[str] = []
    with tempfile.TemporaryFile("w+") as file:
        libpq.trace(file.fileno())
        libpq.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield statements
        finally:
            libpq.untrace()
        file.seek(0)
        found = (STATEMENT.match(message) for message in MESSAGE.split(file.read()))
        statements.extend(match["text"] for match in found if match)


@pytest.fixture
def signed_in(own_database) -> Iterator[Client]:
    """A client whose requests look after the connection as those to a real server do."""
    client = Client(HTTP_HOST="grace.localhost")
    answer = client.post(
        "/api/auth/login",
        {"email": world.email_of("bob"), "password": world.PASSWORD},
        content_type="application/json",
    )
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {answer.json()['access']}"
    client.get("/api/members")
    # The test client keeps Django from looking after the connection; a real server does not.
    for signal in (request_started, request_finished):
        signal.connect(look_after_connection)
    connection.health_check_enabled = True
    yield client
    for signal in (request_started, request_finished):
        signal.disconnect(look_after_connection)


def look_after_connection(**_event: object) -> None:
    connection.close_if_unusable_or_obsolete()


def test_the_trace_shows_statements_of_every_kind(own_database):
    with sent_statements() as statements, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SELECT %s,\n 2", ["a"])
        connection.connection.execute("SELECT 3; SELECT 4")
        psycopg.Cursor(connection.connection).execute("SELECT %s::int", [5])
    assert statements[0].startswith("SET search_path")
    assert statements[1:] == ["SELECT 1", "SELECT 'a',\n 2", "SELECT 3; SELECT 4", "SELECT $1::int"]


def test_a_request_sets_the_church_once_and_asks_nothing_twice(signed_in):
    """One SET, the login, and the page with its count; the host is remembered, the connection kept."""
    church_of_host("grace.localhost")
    with sent_statements() as statements:
        assert signed_in.get("/api/members?page_size=2").status_code == 200
    assert [statement for statement in statements if "search_path" in statement] == statements[:1]
    assert len(set(statements)) == len(statements) == 3, statements


def test_a_request_whose_host_is_looked_up_pays_for_that_alone(signed_in):
    forget_hosts()
    with sent_statements() as statements:
        assert signed_in.get("/api/members?page_size=2").status_code == 200
    assert len(statements) == 5, statements
    assert sum("search_path" in statement for statement in statements) == 2
