"""The ASGI application that keeps the stream's answers open.

Django makes the beginning of the answer like any other, with all that stands before a view, and is done
with the request: its thread and its database connection are free. What goes on costs a task and a place
in the hub.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from .hub import Hub
from .listener import Listener
from .view import GOES_ON

Message = Mapping[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH = "/api/notifications/stream"


class GoingOn:
    """``application`` for everything; answers of the stream go on where it has ended them."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.hub = Hub()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "GET":
            await self.application(scope, receive, send)
            return
        listeners: list[Listener] = []
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self.application({**scope, GOES_ON: listeners.append}, _body_of(receive), keep)
        if listeners and answer and answer[0].get("status") == 200:
            await self._go_on(listeners[0], answer, receive, send)
        else:
            for message in answer:
                await send(message)

    async def _go_on(self, listener: Listener, answer: list[Message], receive: Receive, send: Send) -> None:
        start, *bodies = answer
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        gone = asyncio.create_task(_end_with_connection(receive, listener))
        try:
            await send({**start, "headers": headers})
            await send({**_body(b"".join(part.get("body", b"") for part in bodies)), "more_body": True})
            await self.hub.join(listener)
            async for part in listener.parts():
                await send({**_body(part), "more_body": True})
                self.hub.taken(listener)
            await send(_body(b""))
        finally:
            self.hub.leave(listener)
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone


def _body(content: bytes) -> Message:
    return {"type": "http.response.body", "body": content}


def _body_of(receive: Receive) -> Receive:
    """The request's body for Django, and no end of the connection: for that we wait ourselves."""
    is_read = False

    async def message() -> Message:
        nonlocal is_read
        if is_read:
            await asyncio.Event().wait()
        received = await receive()
        is_read = not received.get("more_body", False)
        return received

    return message


async def _end_with_connection(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    listener.end()
