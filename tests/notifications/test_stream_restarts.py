"""Nothing is missed when the process, Redis or PostgreSQL is killed and comes back."""

from __future__ import annotations

import os
import signal
import time

import pytest
from django.db import connections

from churchsaas.settings.realtime import channel_layers
from tests import services
from tests.notifications.events import Stream
from tests.notifications.open_streams import APPLICATION, bearer, tell
from tests.own_server import crash

pytestmark = pytest.mark.slow


class Place:
    """A port on which a process is started, killed and started again."""

    def __init__(self, servers, database_url: str, environment: dict[str, str]) -> None:
        self.port = services.free_port()
        self.url = f"http://{services.HOST}:{self.port}"
        self._servers, self._database_url, self._environment = servers, database_url, environment

    def start(self) -> services.Server:
        process = services.processes.realtime_process(host=services.HOST, port=self.port)
        environment = services.project_environment(self._database_url, self._environment)
        server = self._servers(
            [*process.arguments[:-1], APPLICATION],
            environment={**environment, **process.environment},
            url=self.url,
        )
        services.wait_until(lambda: services._is_up(server), what=self.url)
        return server


def kill(server: services.Server) -> None:
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait(10)


def test_nothing_is_missed_when_the_process_is_killed(own_database, servers):
    place = Place(servers, own_database, {})
    server = place.start()
    headers = bearer()
    with Stream(place.url, headers) as stream:
        tell("bob", "before")
        assert stream.texts(1) == ["News: before"]
        kill(server)
        stream.wait_until_ended()
    tell("bob", "meanwhile")
    server = place.start()
    with Stream(place.url, headers, last=stream.last) as again:
        tell("bob", "after")
        assert again.texts(2) == ["News: meanwhile", "News: after"]
        # One that is told to end does not wait for its streams.
        server.process.terminate()
        assert server.process.wait(5) == 0


def test_nothing_is_missed_when_redis_is_killed(own_database, servers, settings, tmp_path):
    program = services.require_program("redis-server", install="apt-get install redis-server")
    port = services.free_port()
    arguments = [program, "--port", str(port), "--bind", services.HOST, "--save", "", "--dir", str(tmp_path)]
    url = f"redis://{services.HOST}:{port}/0"

    def start_redis() -> services.Server:
        started = servers(arguments)
        services.wait_until(lambda: services._listens(port), what="redis-server")
        return started

    redis = start_redis()
    settings.CHANNEL_LAYERS = channel_layers(url)
    place = Place(servers, own_database, {"REDIS_URL": url})
    place.start()
    with Stream(place.url, bearer()) as stream:
        tell("bob", "before")
        assert stream.texts(1, seconds=3) == ["News: before"]
        kill(redis)
        tell("bob", "without redis")
        assert stream.texts(1, seconds=25) == ["News: without redis"]
        start_redis()
        tell("bob", "with it again")
        assert stream.texts(1, seconds=25) == ["News: with it again"]
        # By then the process belongs to its group again, and hears at once.
        time.sleep(8)
        tell("bob", "at once")
        assert stream.texts(1, seconds=2) == ["News: at once"]


def test_nothing_is_missed_when_postgresql_is_killed(own_server, servers):
    place = Place(servers, own_server.get_uri(), {})
    place.start()
    with Stream(place.url, bearer()) as stream:
        tell("bob", "before")
        assert stream.texts(1) == ["News: before"]
        crash(own_server)
        connections["default"].close()
        # Long enough for the process to notice.
        time.sleep(2)
        own_server.start()
        tell("bob", "after")
        assert stream.texts(1, seconds=30) == ["News: after"]
        # By then the process listens again.
        time.sleep(8)
        tell("bob", "at once")
        assert stream.texts(1, seconds=2) == ["News: at once"]
