"""Notifications over the API: one's own list, what one has read, and how one wants to be told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as DoorError
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import BooleanFilter, FilterSet
from core.api.pagination import Pages
from core.api.permissions import SIGNED_IN
from core.api.serializers import ModelSerializer, Serializer
from core.api.views import AreaView, AreaViewSet

from . import domain
from .models import Choice, Notification
from .stream import view

LARGEST_NUMBER = 999_999_999_999_999_999


class NotificationSerializer(ModelSerializer):
    """One fact that I am told."""

    title = serializers.CharField(read_only=True, help_text="What kind of fact it is, for people.")
    text = serializers.CharField(read_only=True, help_text="The fact, in the church's language.")
    data = serializers.DictField(  # type: ignore[assignment]  # a serializer's own attribute of this name
        read_only=True, help_text="What the text is made of."
    )

    class Meta:
        model = Notification
        fields = ["id", "number", "kind", "title", "text", "data", "url", "created_at", "read_at"]
        read_only_fields = fields


class NotificationFilters(FilterSet):
    unread = BooleanFilter(field_name="read_at", lookup_expr="isnull")

    class Meta:
        model = Notification
        fields: list[str] = []


class NotificationPages(Pages):
    """The pages of every list, with the count of all that is unread beside them."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        self.unread = domain.unread_count(request.user)
        return super().paginate_queryset(queryset, request, view=view)

    def get_paginated_response(self, data: Any) -> Response:
        answer = super().get_paginated_response(data)
        answer.data["unread"] = self.unread
        return answer

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        described["properties"]["unread"] = {"type": "integer", "minimum": 0}
        described["required"] = [*described.get("required", []), "unread"]
        return described


class UnreadSerializer(Serializer):
    unread = serializers.IntegerField(help_text="How many are unread now.")


class ReadSerializer(Serializer):
    up_to = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_NUMBER,
        help_text="The number up to which; all where it is left out.",
    )


@extend_schema_view(list=extend_schema(operation_id="notifications_list"))
class NotificationViewSet(AreaViewSet):
    """What I am told, the newest first; nobody sees another's."""

    area = SIGNED_IN
    queryset = Notification.objects.none()
    serializer_class = NotificationSerializer
    pagination_class = NotificationPages
    filterset_class = NotificationFilters
    ordering_fields = ["number"]

    def get_queryset(self) -> Any:
        return Notification.objects.shown_to(self.request.user)

    @extend_schema(operation_id="notifications_read", request=None, responses=NotificationSerializer)
    def read(self, request: Request, pk: UUID) -> Response:
        """Marks one as read."""
        user: Any = request.user
        try:
            notification = domain.mark_read(user=user, notification_id=pk)
        except Notification.DoesNotExist as error:
            raise NotFound from error
        return Response(self.get_serializer(notification).data)

    @extend_schema(
        operation_id="notifications_read_all",
        request=ReadSerializer,
        responses=UnreadSerializer,
        filters=False,
    )
    def read_all(self, request: Request) -> Response:
        """Marks all as read, or those up to a number, so that what came in meanwhile stays unread."""
        data = ReadSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        user: Any = request.user
        domain.mark_all_read(user=user, up_to=data.validated_data.get("up_to"))
        return Response({"unread": domain.unread_count(user)})


class PreferenceSerializer(Serializer):
    kind = serializers.CharField(max_length=60)
    title = serializers.CharField(read_only=True)
    urgent = serializers.BooleanField(read_only=True, help_text="Always told in the app.")
    choice = serializers.ChoiceField(choices=Choice.choices)


class PreferencesSerializer(Serializer):
    preferences = PreferenceSerializer(many=True)


class ChangedPreferencesSerializer(Serializer):
    preferences = PreferenceSerializer(many=True, required=False)


class PreferencesView(AreaView):
    """How I want to be told, for each kind of which I may be."""

    area = SIGNED_IN

    @extend_schema(operation_id="notifications_preferences", responses=PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """Every kind with my choice."""
        return self._answer(request)

    @extend_schema(
        operation_id="notifications_set_preferences",
        request=PreferencesSerializer,
        responses=PreferencesSerializer,
    )
    def put(self, request: Request) -> Response:
        """Sets my choices; for kinds that are left out, that of who never chose: in the app."""
        user: Any = request.user
        unchosen = {kind.name: Choice.IN_APP.value for kind, _choice in domain.preferences_of(user)}
        return self._set(request, PreferencesSerializer, unchosen)

    @extend_schema(
        operation_id="notifications_change_preferences",
        request=ChangedPreferencesSerializer,
        responses=PreferencesSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Sets my choices; kinds that are left out stay as they are."""
        return self._set(request, ChangedPreferencesSerializer, {})

    def _set(
        self, request: Request, serializer_class: type[Serializer], unchosen: dict[str, str]
    ) -> Response:
        data = serializer_class(data=request.data)
        data.is_valid(raise_exception=True)
        entries = data.validated_data.get("preferences", [])
        chosen = {entry["kind"]: entry["choice"] for entry in entries}
        user: Any = request.user
        try:
            domain.set_preferences(user=user, choices={**unchosen, **chosen})
        except DoorError as error:
            places = {entry["kind"]: f"preferences.{place}" for place, entry in enumerate(entries)}
            raise DoorError({places[kind]: texts for kind, texts in error.message_dict.items()}) from error
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        user: Any = request.user
        rows = [
            {"kind": kind.name, "title": str(kind.title), "urgent": kind.is_urgent, "choice": choice}
            for kind, choice in domain.preferences_of(user)
        ]
        return Response({"preferences": rows})


urlpatterns = [
    path("notifications", NotificationViewSet.as_view({"get": "list"})),
    path("notifications/read", NotificationViewSet.as_view({"post": "read_all"})),
    path("notifications/preferences", PreferencesView.as_view()),
    path("notifications/<uuid:pk>/read", NotificationViewSet.as_view({"post": "read"})),
    *view.urlpatterns,
]
