"""Sockets of a church: which one a handshake is for, its tables, and the events sent to it.

Consumers share threads, and so database connections, with consumers of other churches. What a
church was entered for in one call is not entered in the next: each call enters it for itself.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.db import transaction
from django.db.models import QuerySet
from django.urls import URLPattern, re_path

from .context import current_church, enter_church, enter_for_socket
from .hosts import church_of_host, is_platform, normalized_host
from .models import Church

logger = logging.getLogger(__name__)

# The group to which realtime processes themselves belong, beside their sockets.
ALL_PROCESSES = "processes"

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


async def refuse_socket(_scope: Scope, receive: Receive, send: Send) -> None:
    """Closes a socket before it is accepted: the client sees a handshake answered with 403."""
    message = await receive()
    if message["type"] == "websocket.connect":
        await send({"type": "websocket.close", "code": 4403})


class SocketRouter(URLRouter):
    """``URLRouter`` that refuses an unknown path instead of raising an error."""

    def __init__(self, routes: list[URLPattern]) -> None:
        super().__init__([*routes, re_path(r"", refuse_socket)])  # type: ignore[arg-type]  # an ASGI application, as the router wants


class ChurchSockets:
    """Puts the church of the handshake's host into ``scope["church"]``.

    Refuses the handshake on an unknown host, the platform's host, for a suspended church, and from
    a page of somebody else: an ``Origin`` (RFC 6455, 4.1), which every browser sends, must be the
    same host or the platform's. Programs that send none identify themselves by a token, as anywhere.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = _header(scope, b"host")
        church = await _church_of(normalized_host(host)) if host else None
        if church is None or church.is_suspended or not _is_own_page(scope, normalized_host(host)):
            await refuse_socket(scope, receive, send)
            return
        enter_for_socket(church)
        await self.application({**scope, "church": church}, receive, send)


def _header(scope: Scope, name: bytes) -> str:
    """The header's value, or an empty text when it is absent or stands there twice."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin1") if len(values) == 1 else ""


def _is_own_page(scope: Scope, host: str) -> bool:
    if not any(key == b"origin" for key, _ in scope["headers"]):
        return True
    try:
        origin = normalized_host(urlsplit(_header(scope, b"origin")).netloc)
    except ValueError:
        return False
    return bool(origin) and (origin == host or is_platform(origin))


async def _church_of(host: str) -> Church | None:
    church: Church | None = await database_sync_to_async(church_of_host, thread_sensitive=False)(host)
    return church


async def church_database_call(scope: Scope, function: Callable[..., Any], *arguments: Any) -> Any:
    """``function(*arguments)`` in a database thread, inside the church of ``scope``.

    Raises ChurchUnavailableError when the church has been suspended or deleted since the handshake
    (a consumer then closes its socket), and TypeError when the function returns an unread queryset,
    which would be read outside of the church.
    """
    church_id: uuid.UUID = scope["church"].id

    def call() -> Any:
        with enter_church(church_id):
            answer = function(*arguments)
            if isinstance(answer, QuerySet):
                raise TypeError("A queryset must be read inside the call: return a list of it.")
            return answer

    return await database_sync_to_async(call, thread_sensitive=False)()


def socket_group(church: Church, name: str) -> str:
    """The channel layer's name for a group of the church's sockets, as ``conversation.<id>``.

    Two churches never share one, whatever they call it.
    """
    return f"{church.id.hex}.{name}"


def tell_sockets(name: str, event: dict[str, Any]) -> None:
    """Sends ``event`` (``{"type": "chat.message", "id": …}``) to a group of the current church's
    sockets when the transaction commits.

    Events carry ids, and clients read what they mean: a hint may be lost, the database is the truth.
    So a channel layer that does not answer is logged and fails nobody's request.
    """
    _send_on_commit(socket_group(current_church(), name), event)


def tell_processes(event: dict[str, Any]) -> None:
    """Sends ``event`` to every realtime process when the transaction commits, for those that share one
    out among many open answers themselves. It names its church by id, and holds ids alone.
    """
    _send_on_commit(ALL_PROCESSES, event)


def _send_on_commit(group: str, event: dict[str, Any]) -> None:
    def send() -> None:
        try:
            async_to_sync(get_channel_layer().group_send)(group, event)
        except Exception:
            # Redis and PostgreSQL have nothing in common that could be named here.
            logger.exception("an event was not sent to the sockets")

    transaction.on_commit(send)
