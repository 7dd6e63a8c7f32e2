"""Open streams of a real process: many at once, ended in time, and taken up where they broke off."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from accounts.domain import change_user
from accounts.sessions.domain import end_all
from notifications.domain import mark_all_read
from tenants.context import enter_church
from tenants.domain import resume_church, suspend_church
from tests import services
from tests.notifications.events import STREAM, Stream
from tests.notifications.open_streams import APPLICATION, bearer, church, cookie, person, tell

pytestmark = pytest.mark.slow


@pytest.fixture
def realtime(own_database, web):
    return web(
        own_database,
        interface="asgi",
        application=APPLICATION,
        environment={"DATABASE_POOL_SIZE": "4", "TEST_HEARTBEAT_SECONDS": "3"},
    )


def threads_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return len(list(Path(f"/proc/{pid}/task").iterdir())) + sum(threads_of(int(child)) for child in children)


def test_many_streams_leave_database_and_threads_to_others(realtime, own_database):
    before = threads_of(realtime.process.pid)
    with ExitStack() as opened:
        streams = [
            opened.enter_context(Stream(realtime.url, headers))
            for actor in ("bob", "vera")
            for headers in [bearer(actor)]
            for _ in range(15)
        ]
        assert {stream.status for stream in streams} == {200}
        started = time.monotonic()
        answer = realtime.get("/api/auth/me", host="grace.localhost", headers=bearer("anna"))
        assert answer.status_code == 200
        assert time.monotonic() - started < 1
        tell("bob", "bread")
        tell("vera", "wine")
        for stream in streams[:15]:
            assert stream.texts(1) == ["News: bread"]
        for stream in streams[15:]:
            assert stream.texts(1) == ["News: wine"]
        time.sleep(0.5)
        with psycopg.connect(own_database) as connection:
            [held] = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name LIKE 'churchsaas asgi%' AND state <> 'idle'"
            ).fetchone()
        assert held == 0
        # Not one for each stream; the pools have some.
        assert threads_of(realtime.process.pid) - before < 20
        with enter_church(church()):
            mark_all_read(user=person("bob"))
        deadline = time.monotonic() + 10
        while (event := streams[0].events.get(timeout=10)).content.get("unread") != 0:
            assert time.monotonic() < deadline, event
        # A comment shows proxies and clients that somebody is there.
        services.wait_until(lambda: all(s.comments for s in streams), seconds=15, what="heartbeats")
        # Of more windows than anybody has, the oldest give way.
        headers = bearer()
        more = [opened.enter_context(Stream(realtime.url, headers)) for _ in range(6)]
        streams[0].wait_until_ended()
        assert all(stream.is_open for stream in [*streams[1:], *more])


def test_streams_are_for_their_own_and_end_with_the_sign_in_and_the_church(realtime):
    ticket = realtime.post(f"{STREAM}-ticket", host="grace.localhost", headers=bearer()).json()["ticket"]
    with (
        Stream(realtime.url, {}, path=f"{STREAM}?ticket={ticket}") as bob,
        Stream(realtime.url, bearer("dan"), host="hope.localhost") as dan,
        Stream(realtime.url, bearer("dan")) as stranger,
    ):
        assert stranger.status == 401
        for actor in ("vera", "dan", "bob"):
            tell(actor, f"for {actor}")
        assert bob.texts(1) == ["News: for bob"]
        assert dan.texts(1) == ["News: for dan"]
    with ExitStack() as opened:
        stream = {
            name: opened.enter_context(Stream(realtime.url, headers, host=f"{home}.localhost"))
            for name, headers, home in [
                ("switched off", bearer("bob"), "grace"),
                ("another role", cookie("vera"), "grace"),
                ("signed out", cookie("alice"), "grace"),
                ("stays", bearer("anna"), "grace"),
                ("suspended", bearer("carol"), "hope"),
            ]
        }
        with enter_church(church()):
            change_user(user=person("bob"), is_active=False)
            change_user(user=person("vera"), role="staff")
            end_all(user=person("alice"))
        for name in ("switched off", "another role", "signed out"):
            stream[name].wait_until_ended(3)
        suspend_church(church=church("hope"))
        stream["suspended"].wait_until_ended()
        resume_church(church=church("hope"))
        assert stream["stays"].is_open
        tell("anna", "bread")
        assert stream["stays"].texts(1) == ["News: bread"]
