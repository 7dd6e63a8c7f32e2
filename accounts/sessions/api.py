"""Where one is signed in, over the API."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import LoginSession
from core.api.permissions import SIGNED_IN
from core.api.serializers import Serializer
from core.api.views import AreaViewSet

from . import domain, querysets


class PlaceSerializer(Serializer):
    """One login over the API, or one browser in which somebody is signed in to the pages."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=[querysets.API, querysets.BROWSER])
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()
    user_agent = serializers.CharField()
    address = serializers.CharField(help_text="The network's address; empty where it is not known.")
    current = serializers.SerializerMethodField(help_text="Whether this request came through it.")

    def get_current(self, place: dict[str, Any]) -> bool:
        return place["id"] == self.context["request"].user.present_session


class EndAllSerializer(Serializer):
    keep_current = serializers.BooleanField(help_text="Whether the login that asks goes on.")


class PlaceViewSet(AreaViewSet):
    """Where I am signed in; nobody sees another's."""

    area = SIGNED_IN
    serializer_class = PlaceSerializer
    queryset = LoginSession.objects.none()
    filter_backends = []

    def get_queryset(self) -> Any:
        return querysets.places_of(self.request.user)  # type: ignore[arg-type]  # who is signed in is a User

    @extend_schema(operation_id="auth_sessions_end")
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ends one of them at its next request."""
        user: Any = request.user
        if not domain.end(user=user, session_id=kwargs["pk"]):
            raise NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="auth_sessions_end_all", request=EndAllSerializer, responses={204: None})
    def end_all(self, request: Request) -> Response:
        """Ends every login and browser session, and where it is wanted so the present one too."""
        data = EndAllSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        user: Any = request.user
        domain.end_all(user=user, keep=user.present_session if data.validated_data["keep_current"] else None)
        return Response(status=status.HTTP_204_NO_CONTENT)


urlpatterns = [
    path("auth/sessions", PlaceViewSet.as_view({"get": "list"})),
    path("auth/sessions/end-all", PlaceViewSet.as_view({"post": "end_all"})),
    path("auth/sessions/<uuid:pk>", PlaceViewSet.as_view({"delete": "destroy"})),
]
