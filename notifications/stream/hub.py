"""One for each process: hears what has changed, and reads for all open streams together.

Streams do nothing by themselves. A hint over the channel layer, the heartbeat, or a channel layer that
has fallen silent makes the hub read for those concerned, church by church, a few statements for all of
a church's streams; at no time does it hold more than READS_AT_ONCE database connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Coroutine, Iterable
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from notifications.domain import CHANGED
from tenants.context import ChurchUnavailableError, outside_churches
from tenants.models import Church
from tenants.sockets import ALL_PROCESSES, church_database_call

from .ending import before_the_end
from .listener import Listener
from .reading import News, read

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 30.0
# Churches have their heartbeats in turns, so that they are not all read for at once.
TURNS = 30
# How often is looked whether the channel layer still reaches this process, and churches are active.
WATCH_SECONDS = 5.0
ANSWER_SECONDS = 2.0
RETRY_SECONDS = 1.0
READS_AT_ONCE = 2
# More windows than that nobody has; the oldest stream gives way.
STREAMS_OF_USER = 20
# The beginning of the channel's name, by which the settings give it room.
CHANNEL = "processes"
PING = "notifications.ping"


class Hub:
    """``join`` and ``leave`` are for streams; everything else happens by itself from the first one on."""

    def __init__(self) -> None:
        self._streams: dict[UUID, dict[Listener, None]] = {}
        self._to_read: dict[UUID, set[Listener]] = {}
        self._readers: dict[UUID, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._reads = asyncio.Semaphore(READS_AT_ONCE)
        self._answered = asyncio.Event()
        self._channel = ""
        self._is_closed = False

    async def join(self, listener: Listener) -> None:
        """Takes a stream in; what has come since its position is read at once."""
        if self._is_closed:
            listener.end()
            return
        self._start()
        streams = self._streams.setdefault(listener.church_id, {})
        same = [other for other in streams if other.sign_in.user_id == listener.sign_in.user_id]
        for oldest in same[: max(0, len(same) - STREAMS_OF_USER + 1)]:
            oldest.end()
        streams[listener] = None
        self._read_for([listener])

    def leave(self, listener: Listener) -> None:
        """Forgets a stream."""
        streams = self._streams.get(listener.church_id, {})
        streams.pop(listener, None)
        if not streams:
            self._streams.pop(listener.church_id, None)
        self._to_read.get(listener.church_id, set()).discard(listener)

    def taken(self, listener: Listener) -> None:
        """The client has taken what there was: goes on where it did not keep up."""
        if listener.was_passed_over:
            listener.was_passed_over = False
            self._read_for([listener])

    def close(self) -> None:
        """Ends all streams, because the process ends: it would wait for them."""
        self._is_closed = True
        for church_id in self._streams:
            self._end_church(church_id)
        for task in [*self._tasks, *self._readers.values()]:
            task.cancel()

    def _start(self) -> None:
        if not self._tasks:
            before_the_end(self.close)
            loops = (self._listen(), self._watch(), self._beat())
            self._tasks = [asyncio.create_task(loop) for loop in loops]

    def _read_for(self, listeners: Iterable[Listener]) -> None:
        for listener in listeners:
            church_id = listener.church_id
            self._to_read.setdefault(church_id, set()).add(listener)
            if church_id not in self._readers:
                self._readers[church_id] = asyncio.create_task(self._read(church_id))

    def _read_for_all(self) -> None:
        for streams in list(self._streams.values()):
            self._read_for(list(streams))

    async def _read(self, church_id: UUID) -> None:
        """Reads for a church until nobody of it waits."""
        try:
            while waiting := self._to_read.pop(church_id, None):
                listeners = [listener for listener in waiting if not self._passes_over(listener)]
                if listeners and not await self._read_once(church_id, listeners):
                    self._to_read.setdefault(church_id, set()).update(listeners)
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            del self._readers[church_id]

    def _passes_over(self, listener: Listener) -> bool:
        if listener.is_full:
            listener.was_passed_over = True
        return listener.has_ended or listener.is_full

    async def _read_once(self, church_id: UUID, listeners: list[Listener]) -> bool:
        """Whether the database has answered."""
        try:
            async with self._reads:
                scope = {"church": Church(id=church_id)}
                found: dict[Listener, News | None] = await church_database_call(scope, read, listeners)
        except ChurchUnavailableError:
            self._end_church(church_id)
            return True
        except Exception as error:
            # The pool and the driver have many ways to say that the database is away.
            logger.warning("notifications were not read, trying again: %s", error)
            return False
        for listener, news in found.items():
            if news is None:
                listener.end()
                continue
            listener.position, listener.unread = news.position, news.unread
            if news.parts:
                listener.put(b"".join(news.parts))
            if news.has_more:
                self._to_read.setdefault(church_id, set()).add(listener)
        return True

    def _end_church(self, church_id: UUID) -> None:
        for listener in self._streams.get(church_id, {}):
            listener.end()

    # What goes on for as long as the process lives.

    async def _listen(self) -> None:
        layer = get_channel_layer()
        self._channel = await layer.new_channel(CHANNEL)
        await _tried(self._join_layer(), "joining the channel layer")
        # What was told before this moment, nobody has heard.
        self._read_for_all()
        while True:
            try:
                self._heed(await layer.receive(self._channel))
            except Exception as error:
                # Redis and PostgreSQL have nothing in common that could be named here.
                logger.warning("listening for events was interrupted: %s", error)
                await asyncio.sleep(RETRY_SECONDS)

    def _heed(self, event: dict[str, Any]) -> None:
        if event["type"] == PING and event["process"] == self._channel:
            self._answered.set()
        elif event["type"] == CHANGED:
            streams = self._streams.get(UUID(event["church"]), {})
            users = None if event["users"] is None else set(event["users"])
            self._read_for([a for a in streams if users is None or str(a.sign_in.user_id) in users])

    async def _join_layer(self) -> None:
        await get_channel_layer().group_add(ALL_PROCESSES, self._channel)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if not self._streams:
                continue
            await _tried(self._end_what_is_over(), "looking whether churches are active")
            if not await self._is_reached():
                await _tried(self._join_layer(), "joining the channel layer")
                self._read_for_all()

    async def _end_what_is_over(self) -> None:
        for streams in self._streams.values():
            for listener in streams:
                if listener.sign_in.has_run_out:
                    listener.end()
        churches = list(self._streams)
        active = await database_sync_to_async(_active, thread_sensitive=False)(churches)
        for church_id in set(churches) - active:
            self._end_church(church_id)

    async def _is_reached(self) -> bool:
        """Whether what is told to all processes comes here. A Redis that was started anew has forgotten
        who belonged to which group, and its client says nothing of it.
        """
        if not self._channel:
            return False
        self._answered.clear()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(ANSWER_SECONDS):
                event = {"type": PING, "process": self._channel}
                await get_channel_layer().group_send(ALL_PROCESSES, event)
                await self._answered.wait()
        return self._answered.is_set()

    async def _beat(self) -> None:
        for turn in itertools.count():
            await asyncio.sleep(HEARTBEAT_SECONDS / TURNS)
            for church_id, streams in list(self._streams.items()):
                if church_id.int % TURNS == turn % TURNS:
                    for listener in streams:
                        listener.beat()
                    self._read_for(list(streams))


def _active(church_ids: list[UUID]) -> set[UUID]:
    with outside_churches():
        return set(Church.objects.active().filter(id__in=church_ids).values_list("id", flat=True))


async def _tried(attempt: Coroutine[Any, Any, None], what: str) -> None:
    try:
        await attempt
    except Exception as error:
        # As above; the next round tries again.
        logger.warning("%s did not succeed: %s", what, error)
