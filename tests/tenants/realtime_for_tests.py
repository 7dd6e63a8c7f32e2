"""The realtime process with two things more, for tests: a socket, and an async view that caches.

``granian tests.tenants.realtime_for_tests:application`` in place of ``churchsaas.asgi:application``.
"""

from __future__ import annotations

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.urls import path

from churchsaas import asgi
from churchsaas.urls import church as church_urls
from members.models import Member
from tenants.context import ChurchUnavailableError, current_church, entered_church_id
from tenants.sockets import ChurchSockets, SocketRouter, church_database_call, socket_group


def _read() -> dict[str, Any]:
    emails = Member.objects.exclude(email="").values_list("email", flat=True)
    return {
        "church": current_church().subdomain,
        "domains": sorted({email.partition("@")[2] for email in emails}),
    }


class RoomConsumer(AsyncWebsocketConsumer):
    """Joins the group "room"; "read" answers with what the church's tables hold."""

    groups: list[str]

    async def connect(self) -> None:
        self.group = socket_group(self.scope["church"], "room")
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data == "lazy":
            try:
                await church_database_call(self.scope, Member.objects.all)
            except TypeError as error:
                await self.send(str(error))
            return
        if text_data == "remember":
            church = self.scope["church"].subdomain
            found = cache.get("key")
            cache.set("key", church)
            await self.send(json.dumps({"church": church, "found": found}))
            return
        try:
            await self.send(json.dumps(await church_database_call(self.scope, _read)))
        except ChurchUnavailableError:
            await self.close(4403)

    async def event(self, event: dict[str, Any]) -> None:
        await self.send(json.dumps(event))


async def remember(request: HttpRequest) -> JsonResponse:
    """What the cache holds under one key, on the event loop, and then puts the church there."""
    # Not ``aget``, which goes to the request's thread, where the database connection knows the church.
    found = cache.get("key")
    cache.set("key", request.tenant.subdomain)
    return JsonResponse({"found": found, "entered": entered_church_id() == str(request.tenant.id)})


church_urls.urlpatterns.insert(0, path("remember", remember))

application = ProtocolTypeRouter(
    {
        "http": asgi.http,
        "websocket": ChurchSockets(SocketRouter([path("room", RoomConsumer.as_asgi())])),
    }
)
