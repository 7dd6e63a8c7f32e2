"""The channel layer of an installation without Redis: PostgreSQL's NOTIFY and LISTEN.

A message is one notification that every realtime process hears; which of its sockets want it, each
process knows by itself. So there is no table that could keep groups of processes long gone, and
nothing to clean. A message that is lost while the connection is renewed does no harm: events are
hints, and clients read what they missed with ``after=<id>``.

Listening needs a server process of its own: behind a pooler in transaction mode set REDIS_URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import logging
import secrets
from typing import Any, ClassVar

import psycopg
from asgiref.sync import sync_to_async
from channels.layers import BaseChannelLayer
from django.db import connection

logger = logging.getLogger(__name__)

NOTIFICATIONS = "churchsaas_events"
# NOTIFY takes payloads shorter than 8,000 bytes.
LARGEST_MESSAGE = 7_900
READY_SECONDS = 10
# A connection that is silent for so long is asked whether it still lives.
SILENCE_SECONDS = 30
PAUSE_SECONDS = 1


class MessageTooLargeError(ValueError):
    """The message is over LARGEST_MESSAGE bytes; send an id and let the client read the rest."""


class PostgresChannelLayer(BaseChannelLayer):
    """Groups and queues of this process's sockets, filled by what PostgreSQL announces.

    Messages are JSON. Sent inside a transaction they go out when it commits. There are no channels
    besides the sockets' own, as nothing here works off channels of a common name.
    """

    extensions: ClassVar = ["groups", "flush"]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # The base leaves this to the layer.
        self.channel_capacity = self.compile_capacities(options.get("channel_capacity") or {})
        self._process = secrets.token_hex(8)
        self._queues: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._groups: dict[str, set[str]] = {}
        self._listener: asyncio.Task[None] | None = None
        self._listens = asyncio.Event()

    async def new_channel(self, prefix: str = "specific") -> str:
        return f"{prefix}.{self._process}!{secrets.token_hex(8)}"

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.require_valid_channel_name(channel)
        await self._announce({"channel": channel, "message": message})

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.require_valid_group_name(group)
        await self._announce({"group": group, "message": message})

    async def receive(self, channel: str) -> dict[str, Any]:
        """The next message for a socket. Whoever stops waiting (the socket has gone) is forgotten."""
        queue = self._queue(channel)
        try:
            await self._ensure_listening()
            return await queue.get()
        except asyncio.CancelledError:
            self._forget(channel)
            raise

    async def group_add(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        await self._ensure_listening()
        self._queue(channel)
        self._groups.setdefault(group, set()).add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        members = self._groups.get(group, set())
        members.discard(channel)
        if not members:
            self._groups.pop(group, None)

    async def flush(self) -> None:
        self._queues.clear()
        self._groups.clear()

    async def close(self) -> None:
        """Stops listening."""
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
            self._listener = None

    @property
    def is_empty(self) -> bool:
        """Whether no socket is known."""
        return not self._queues and not self._groups

    def _queue(self, channel: str) -> asyncio.Queue[dict[str, Any]]:
        self.require_valid_channel_name(channel)
        if channel not in self._queues:
            self._queues[channel] = asyncio.Queue(self.get_capacity(channel))
        return self._queues[channel]

    def _forget(self, channel: str) -> None:
        self._queues.pop(channel, None)
        for group in [group for group, members in self._groups.items() if channel in members]:
            self._groups[group].discard(channel)
            if not self._groups[group]:
                del self._groups[group]

    async def _announce(self, content: dict[str, Any]) -> None:
        payload = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        if len(payload.encode()) > LARGEST_MESSAGE:
            raise MessageTooLargeError(f"A message of {len(payload)} bytes; {LARGEST_MESSAGE} is the most.")
        await sync_to_async(_notify)(payload)

    async def _ensure_listening(self) -> None:
        """Returns when messages sent from now on are heard. Raises TimeoutError after ten seconds."""
        if self._listener is None or self._listener.done() or _is_of_another_loop(self._listener):
            self._listens = asyncio.Event()
            self._listener = asyncio.create_task(self._listen(self._listens))
        async with asyncio.timeout(READY_SECONDS):
            await self._listens.wait()

    async def _listen(self, listens: asyncio.Event) -> None:
        while True:
            try:
                await self._hear(listens)
            except (psycopg.Error, OSError) as error:
                logger.warning("listening for events was interrupted: %s", error)
            listens.clear()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _hear(self, listens: asyncio.Event) -> None:
        async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as listener:
            await listener.execute(f"LISTEN {NOTIFICATIONS}")
            listens.set()
            while True:
                async for notification in listener.notifies(timeout=SILENCE_SECONDS):
                    self._deliver(notification.payload)
                await listener.execute("SELECT 1")

    def _deliver(self, payload: str) -> None:
        content = json.loads(payload)
        channels = self._groups.get(content["group"], ()) if "group" in content else [content["channel"]]
        for channel in channels:
            queue = self._queues.get(channel)
            if queue is None:
                continue
            if queue.full():
                logger.warning("a socket does not keep up, an event for it is dropped")
                continue
            # Each consumer its own: they may change what they are given.
            queue.put_nowait(copy.deepcopy(content["message"]))


def _is_of_another_loop(task: asyncio.Task[None]) -> bool:
    return task.get_loop() is not asyncio.get_running_loop()


def _parameters() -> dict[str, Any]:
    """Where Django's connection leads, for a connection that is no part of its pool."""
    parameters: dict[str, Any] = connection.get_connection_params()
    for django_only in ("pool", "cursor_factory", "context", "prepare_threshold", "server_side_binding"):
        parameters.pop(django_only, None)
    return parameters


def _notify(payload: str) -> None:
    borrowed = connection.connection is None
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [NOTIFICATIONS, payload])
    finally:
        # Channels' threads do not end with a request; what they open they give back.
        if borrowed:
            connection.close()
