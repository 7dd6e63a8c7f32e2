"""Sockets of two churches side by side: each handshake, each call and each event in its church."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tenants.domain import add_domain, resume_church, suspend_church
from tenants.models import Church
from tests.services import HOST, Server

pytestmark = pytest.mark.slow

APPLICATION = "tests.tenants.realtime_for_tests:application"
Opener = Callable[..., ClientConnection]


def church(subdomain: str) -> Church:
    return Church.objects.get(subdomain=subdomain)


@pytest.fixture
def realtime(own_database, web) -> Server:
    return web(own_database, interface="asgi", application=APPLICATION)


@pytest.fixture
def open_socket(realtime) -> Iterator[Opener]:
    """``open_socket("grace.localhost", path="/room", origin=…)``"""
    port = urlsplit(realtime.url).port
    with ExitStack() as sockets:

        def make(host: str, path: str = "/room", **options: Any) -> ClientConnection:
            plain = socket.create_connection((HOST, port))
            try:
                opened = connect(f"ws://{host}:{port}{path}", sock=plain, proxy=None, **options)
            except BaseException:
                plain.close()
                raise
            return sockets.enter_context(opened)

        yield make


def ask(opened: ClientConnection, text: str = "read") -> Any:
    opened.send(text)
    return json.loads(opened.recv(timeout=20))


GRACE = {"church": "grace", "domains": ["grace.example"]}
HOPE = {"church": "hope", "domains": ["hope.example"]}


def test_interleaved_sockets_read_their_own_church(open_socket):
    grace, hope = open_socket("grace.localhost"), open_socket("hope.localhost")
    for _ in range(20):
        assert ask(grace) == GRACE
        assert ask(hope) == HOPE


def test_sockets_that_ask_at_the_same_time_read_their_own_church(open_socket):
    answers: dict[str, list[Any]] = {"grace": [], "hope": []}

    def work(subdomain: str, opened: ClientConnection) -> None:
        for _ in range(30):
            answers[subdomain].append(ask(opened))

    threads = [
        threading.Thread(target=work, args=(subdomain, open_socket(f"{subdomain}.localhost")))
        for subdomain in ("grace", "hope")
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"grace": [GRACE] * 120, "hope": [HOPE] * 120}


def test_idle_sockets_hold_no_database_connection(own_database, open_socket):
    opened = [open_socket(f"{name}.localhost") for name in ("grace", "hope") for _ in range(10)]
    for one in opened:
        ask(one)
    with psycopg.connect(own_database) as connection:
        count = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone()[0]
    # The pool at most, the listener, and the connection of this test.
    assert count <= 8 + 1 + 1


def test_an_unread_queryset_is_refused_with_a_reason(open_socket):
    opened = open_socket("grace.localhost")
    opened.send("lazy")
    assert "return a list" in opened.recv(timeout=20)


def test_host_names_are_matched_as_for_requests(own_database, open_socket):
    add_domain(church=church("hope"), host="www.hope-chapel.example")
    assert ask(open_socket("GRACE.LOCALHOST")) == GRACE
    assert ask(open_socket("grace.localhost.")) == GRACE
    assert ask(open_socket("www.hope-chapel.example")) == HOPE


def test_hosts_of_no_church_are_refused(open_socket, realtime):
    for host in ("unknown.localhost", "localhost", "127.0.0.1", "other.example"):
        with pytest.raises(InvalidStatus) as refusal:
            open_socket(host)
        assert refusal.value.response.status_code == 403, host
    assert "Traceback" not in realtime.text()


def test_an_unknown_path_is_refused_without_an_error_in_the_log(open_socket, realtime):
    for path in ("/", "/rooms/1", "/api/chat/ws/1"):
        with pytest.raises(InvalidStatus) as refusal:
            open_socket("grace.localhost", path=path)
        assert refusal.value.response.status_code == 403
    assert "Traceback" not in realtime.text()
    assert "ERROR" not in realtime.text()


def test_a_page_of_somebody_else_cannot_open_a_socket(open_socket):
    for origin in (
        "http://evil.example",
        "https://hope.localhost",
        "null",
        "http://grace.localhost.evil.example",
    ):
        with pytest.raises(InvalidStatus) as refusal:
            open_socket("grace.localhost", origin=origin)
        assert refusal.value.response.status_code == 403, origin
    for origin in ("http://grace.localhost:8000", "https://GRACE.localhost", "http://localhost:8000", None):
        assert ask(open_socket("grace.localhost", origin=origin)) == GRACE


def test_a_suspended_church_is_closed_to_new_sockets_and_to_open_ones(own_database, open_socket):
    opened = open_socket("hope.localhost")
    assert ask(opened) == HOPE
    suspend_church(church=church("hope"))
    opened.send("read")
    with pytest.raises(ConnectionClosed) as closed:
        opened.recv(timeout=20)
    assert closed.value.rcvd.code == 4403
    # The host is remembered for half a second.
    threading.Event().wait(0.6)
    with pytest.raises(InvalidStatus):
        open_socket("hope.localhost")
    resume_church(church=church("hope"))
    threading.Event().wait(0.6)
    assert ask(open_socket("hope.localhost")) == HOPE
