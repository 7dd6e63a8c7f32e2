"""A user's own secret calendar address over the API."""

from __future__ import annotations

from typing import Any

from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import creates
from core.api.views import GenericAreaView
from events.api_fields import FeedSerializer
from events.models import CalendarFeed
from tenants.context import current_church

from . import domain


def feed_url(secret: str) -> str:
    """The whole secret address."""
    return current_church().url + reverse("private_feed", args=[secret])


class FeedView(GenericAreaView):
    """One's own secret address at which a calendar program reads the events that one may see."""

    area = "events"
    # It is one's own; who may read events may have them read.
    permission_actions = {"POST": "read", "DELETE": "read"}
    serializer_class = FeedSerializer
    queryset = CalendarFeed.objects.none()

    @extend_schema(operation_id="events_feed_retrieve")
    def get(self, request: Request) -> Response:
        """Since when there is an address; it itself is not told again."""
        user: Any = request.user
        feed = CalendarFeed.objects.filter(user=user).first()
        return Response(FeedSerializer({"url": None, "created_at": feed and feed.updated_at}).data)

    @extend_schema(operation_id="events_feed_renew", request=None, responses={201: FeedSerializer})
    @creates
    def post(self, request: Request) -> Response:
        """A new address; the one before ends."""
        user: Any = request.user
        url = feed_url(domain.renew_feed(user=user))
        feed = CalendarFeed.objects.get(user=user)
        return Response(FeedSerializer({"url": url, "created_at": feed.updated_at}).data, status=201)

    @extend_schema(operation_id="events_feed_revoke", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Ends the address."""
        user: Any = request.user
        domain.revoke_feed(user=user)
        return Response(status=204)


urlpatterns = [path("events/calendar-feed", FeedView.as_view())]
