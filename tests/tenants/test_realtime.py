"""Events reach the sockets of their church from every process, over PostgreSQL and over Redis."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from channels_redis.core import RedisChannelLayer
from django.db import connections, transaction

from churchsaas.settings.realtime import channel_layers
from tenants.channel_layer import MessageTooLargeError, PostgresChannelLayer
from tenants.context import NoChurchError, enter_church
from tenants.models import Church
from tenants.sockets import socket_group, tell_sockets
from tenants.tasks import enqueue
from tests.tenants.jobs_for_tests import tell
from tests.tenants.test_sockets import APPLICATION, open_socket

__all__ = ["open_socket"]

pytestmark = pytest.mark.slow


def church(subdomain: str) -> Church:
    return Church.objects.get(subdomain=subdomain)


@pytest.fixture(params=["postgres", "redis"])
def redis_setting(request, settings) -> dict[str, str]:
    """What the environment says of Redis; this process's channel layer is set to match."""
    if request.param == "postgres":
        return {}
    url = request.getfixturevalue("redis_url")
    settings.CHANNEL_LAYERS = channel_layers(url)
    return {"REDIS_URL": url}


@pytest.fixture
def realtime(own_database, web, redis_setting):
    return web(own_database, interface="asgi", application=APPLICATION, environment=redis_setting)


def event_of(opened, seconds: float = 20) -> dict:
    return json.loads(opened.recv(timeout=seconds))


def test_events_of_another_process_reach_the_sockets_of_their_church_alone(open_socket):
    grace, another, hope = (open_socket(f"{name}.localhost") for name in ("grace", "grace", "hope"))
    with enter_church(church("grace")):
        for number in range(3):
            tell_sockets("room", {"type": "event", "number": number})
    with enter_church(church("hope")):
        tell_sockets("room", {"type": "event", "number": 99})
    for opened in (grace, another):
        assert [event_of(opened)["number"] for _ in range(3)] == [0, 1, 2]
    assert event_of(hope)["number"] == 99
    for opened in (grace, another, hope):
        with pytest.raises(TimeoutError):
            event_of(opened, seconds=0.3)


def test_events_of_the_worker_reach_the_sockets(own_database, open_socket, worker, redis_setting):
    opened = open_socket("grace.localhost")
    with enter_church(church("grace")):
        for number in range(5):
            enqueue(tell, name="room", number=number)
    worker(own_database, environment={**redis_setting, "WORKER_PROCESSES": "1"})
    assert {event_of(opened)["number"] for _ in range(5)} == set(range(5))


def test_a_socket_that_nobody_writes_to_stays_open(open_socket):
    opened = open_socket("grace.localhost")
    with pytest.raises(TimeoutError):
        event_of(opened, seconds=8)
    with enter_church(church("grace")):
        tell_sockets("room", {"type": "event", "number": 7})
    assert event_of(opened)["number"] == 7


async def test_whoever_stops_waiting_for_events_of_redis_is_let_go(redis_url):
    """As a consumer does when its socket closes; each that is not let go stays for ever."""
    layer = RedisChannelLayer(**channel_layers(redis_url)["default"]["CONFIG"])
    for number in range(200):
        channel = await layer.new_channel()
        for _ in range(number % 5):
            await layer.send(channel, {"type": "event"})
            await layer.receive(channel)
        waiting = asyncio.create_task(layer.receive(channel))
        # It is then somewhere between asking and waiting.
        for _ in range(number % 7):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting], timeout=3)
        assert waiting.cancelled(), number
    await layer.close_pools()


def test_many_threads_may_send_at_once(open_socket, caplog):
    opened = open_socket("grace.localhost")
    home = church("grace")

    def send(number: int) -> float:
        started = time.monotonic()
        with enter_church(home):
            tell_sockets("room", {"type": "event", "number": number})
        connections["default"].close()
        return time.monotonic() - started

    with ThreadPoolExecutor(8) as threads:
        slowest = max(threads.map(send, range(64)))
    assert caplog.records == []
    assert {event_of(opened)["number"] for _ in range(64)} == set(range(64))
    assert slowest < 5


def test_an_event_waits_for_the_commit_and_goes_with_the_rollback(open_socket):
    opened = open_socket("grace.localhost")
    with enter_church(church("grace")):
        with transaction.atomic():
            tell_sockets("room", {"type": "event", "number": 1})
            transaction.set_rollback(True)
        with transaction.atomic():
            tell_sockets("room", {"type": "event", "number": 2})
            with pytest.raises(TimeoutError):
                event_of(opened, seconds=0.3)
    assert event_of(opened)["number"] == 2


def test_outside_of_a_church_there_is_nobody_to_tell(own_database):
    with pytest.raises(NoChurchError):
        tell_sockets("room", {"type": "event"})


def test_a_channel_layer_that_does_not_answer_fails_nobody(own_database, settings, caplog):
    settings.CHANNEL_LAYERS = channel_layers("redis://127.0.0.1:1/0")
    with enter_church(church("grace")), transaction.atomic():
        tell_sockets("room", {"type": "event"})
    assert [record.message for record in caplog.records] == ["an event was not sent to the sockets"]


@pytest.fixture
async def layer(own_database) -> AsyncIterator[PostgresChannelLayer]:
    made = PostgresChannelLayer()
    yield made
    await made.close()


async def test_listening_goes_on_after_the_connection_was_lost(own_database, layer):
    name = await layer.new_channel()
    await layer.group_add("group", name)
    with psycopg.connect(own_database, autocommit=True) as other:
        [ended] = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        ).fetchone()
    assert ended
    await asyncio.sleep(0.2)
    # Joining waits until the process listens again; who was in a group still is.
    await layer.group_add("group", await layer.new_channel())
    await layer.group_send("group", {"type": "event", "number": 1})
    assert await asyncio.wait_for(layer.receive(name), 5) == {"type": "event", "number": 1}


async def test_nothing_is_left_of_sockets_that_have_gone(own_database, layer):
    channels = [await layer.new_channel() for _ in range(200)]
    for channel in channels:
        await layer.group_add("group", channel)
    await layer.group_send("group", {"type": "event"})
    for channel in channels:
        assert await asyncio.wait_for(layer.receive(channel), 5) == {"type": "event"}
    assert not layer.is_empty
    # A consumer that ends stops waiting for its next message.
    for channel in channels:
        waiting = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
    assert layer.is_empty
    with psycopg.connect(own_database) as connection:
        assert connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (
            0,
        )


async def test_messages_to_one_channel_and_messages_that_are_too_large(own_database, layer):
    name = await layer.new_channel()
    waiting = asyncio.create_task(layer.receive(name))
    await asyncio.sleep(0.2)
    await layer.send(name, {"type": "event", "text": "ü" * 3000})
    assert len((await asyncio.wait_for(waiting, 5))["text"]) == 3000
    with pytest.raises(MessageTooLargeError):
        await layer.send(name, {"type": "event", "text": "x" * 8000})


def test_groups_of_two_churches_never_share_a_name(grace, hope):
    assert socket_group(grace, "room") != socket_group(hope, "room")
    async_to_sync(get_channel_layer().group_send)(
        socket_group(grace, "conversation.1-2_3"), {"type": "event"}
    )
