"""The stream's address: who may listen, from where on, and what is new by now."""

from __future__ import annotations

import re
from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import ChurchSessionAuthentication, ChurchTokenAuthentication
from accounts.models import User
from core.api.permissions import SIGNED_IN
from core.api.renderers import JSONRenderer
from core.api.serializers import Serializer
from core.api.views import AreaView
from notifications.domain import unread_count
from notifications.models import Notification, NotificationCounter
from notifications.shown import shown
from tenants.context import current_church

from .listener import Listener, SignIn
from .reading import event, unread_event
from .tickets import LIFETIME, TicketAuthentication, sign_in_of, ticket_for

# Where ``going_on`` leaves what takes the answer over, in the ASGI scope.
GOES_ON = "churchsaas.stream_goes_on"
NUMBER = re.compile(r"[0-9]{1,18}")
ROWS_AT_ONCE = 100
# After a lost connection a client waits that long before it comes back (milliseconds).
RETRY = b"retry: 3000\n\n"


class EventStreamRenderer(JSONRenderer):
    """Events as they are; problems as JSON, whose type the answer names."""

    media_type = "text/event-stream"
    format = "event-stream"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        if isinstance(data, bytes):
            return data
        return super().render(data, accepted_media_type, renderer_context)


def _wanted_position(request: Request) -> int | None:
    """Behind which notification the client wants to go on; None for one that begins."""
    given = {"Last-Event-ID": request.headers.get("Last-Event-ID") or None}
    given["after"] = request.query_params.get("after")
    text = _("This must be the number of a notification.")
    wrong = {name: [text] for name, value in given.items() if not NUMBER.fullmatch(value or "0")}
    if given["after"] == "":
        wrong["after"] = [text]
    if wrong:
        raise ValidationError(wrong)
    # A browser that comes back sends the address of its beginning again.
    wanted = given["Last-Event-ID"] or given["after"]
    return None if wanted is None else int(wanted)


def opening(user: User, sign_in: SignIn, wanted: int | None) -> tuple[bytes, Listener]:
    """The first part of the answer, and the listener that goes on behind it."""
    newest = NotificationCounter.objects.filter(user=user).values_list("newest", flat=True).first() or 0
    # A position that lies ahead is of a database that is no more.
    position = newest if wanted is None else min(wanted, newest)
    rows = Notification.objects.shown_to(user).filter(number__gt=position).order_by("number")
    parts = [RETRY]
    for row in rows[:ROWS_AT_ONCE]:
        parts.append(event("notification", row.number, shown(row)))
        position = row.number
    unread = unread_count(user)
    # A client that hears of nothing else knows by this where to go on.
    parts.append(unread_event(position, unread))
    return b"".join(parts), Listener(current_church().pk, sign_in, position, unread)


class StreamEventSerializer(Serializer):
    """One event of the stream."""

    id = serializers.RegexField(NUMBER, help_text="Number of the newest notification by then.")
    event = serializers.ChoiceField(choices=["notification", "unread"])
    data = serializers.CharField(  # type: ignore[assignment]  # a serializer's own attribute of this name
        help_text="JSON: a row as the list has it, or the count."
    )


class StreamView(AreaView):
    """What I am told, as it happens."""

    area = SIGNED_IN
    authentication_classes = [TicketAuthentication, ChurchTokenAuthentication, ChurchSessionAuthentication]
    renderer_classes = [EventStreamRenderer]

    @extend_schema(
        operation_id="notifications_stream",
        parameters=[
            OpenApiParameter(
                "Last-Event-ID",
                str,
                OpenApiParameter.HEADER,
                pattern=f"^{NUMBER.pattern}$",
                description="Number of the last notification that came; sent by browsers themselves.",
            ),
            OpenApiParameter("after", str, pattern=f"^{NUMBER.pattern}$", description="The same, at first."),
        ],
        responses={(200, "text/event-stream"): StreamEventSerializer},
    )
    def get(self, request: Request) -> Response:
        """Server-sent events: ``notification`` with one of the list's rows, ``unread`` with the count.

        The id of each event is the number of the newest notification. A comment comes every 30
        seconds. The stream ends with the token or the sign-in by which it was opened.
        """
        user: Any = request.user
        content, listener = opening(user, sign_in_of(request), _wanted_position(request))
        goes_on = getattr(request._request, "scope", {}).get(GOES_ON)
        if goes_on is not None:
            goes_on(listener)
        return Response(content, headers={"X-Accel-Buffering": "no"})


class TicketSerializer(Serializer):
    ticket = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class TicketView(AreaView):
    """A way into the stream for programs that can send no header."""

    area = SIGNED_IN

    @extend_schema(operation_id="notifications_stream_ticket", request=None, responses=TicketSerializer)
    def post(self, request: Request) -> Response:
        """A ticket for ``?ticket=`` of the stream, good for a minute and for nothing else."""
        ticket = ticket_for(sign_in_of(request))
        return Response({"ticket": ticket, "expires_in": int(LIFETIME.total_seconds())})


urlpatterns = [
    path("notifications/stream", StreamView.as_view()),
    path("notifications/stream-ticket", TicketView.as_view()),
]
