"""Prayer over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import FilterSet, Ordering, TimeFilter, UUIDFilter
from core.api.idempotency import creates
from core.api.serializers import ModelSerializer, Serializer
from core.api.views import AreaViewSet, gone_is_absent
from members.models import Member

from . import domain, values, visibility
from .models import PrayerRequest, PrayerUpdate
from .praying import pray

REQUEST = OpenApiParameter("id", UUID, OpenApiParameter.PATH, description="The prayer request")


class PrayerRequestSerializer(ModelSerializer):
    """A prayer request. Of an anonymous one `requester_id`, `name` and `email` are null for everybody
    without `members:confidential`, and are left as they are by what such a user sends. `flags` tells those
    with `prayer:write` what was noticed: `self_harm`, `abuse`, `church_words`, `many`.
    """

    title = serializers.CharField(
        required=False, allow_blank=True, max_length=values.LONGEST_TITLE,
        help_text="Left out, the beginning of the text.",
    )  # fmt: skip
    description = serializers.CharField(max_length=values.LONGEST_TEXT)
    requester_id = serializers.PrimaryKeyRelatedField(
        source="requester",
        queryset=Member.objects.all(),
        required=False,
        allow_null=True,
        error_messages={"does_not_exist": _("There is no such entry.")},
        help_text="The person who asked",
    )
    name = serializers.CharField(
        source="guest_name",
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=values.LONGEST_NAME,
        help_text="Of a guest; for a person, theirs, and not changed by what is sent.",
    )
    email = serializers.EmailField(
        source="guest_email",
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=values.LONGEST_EMAIL,
        help_text="Of a guest",
    )
    testimony = serializers.CharField(required=False, allow_blank=True, max_length=values.LONGEST_TEXT)
    have_prayed = serializers.SerializerMethodField(help_text="Whether whoever asks has said so.")

    class Meta:
        model = PrayerRequest
        fields = [
            "id", "title", "description", "requester_id", "name", "email", "category", "priority", "status",
            "moderation", "is_anonymous", "is_public", "assigned_to", "flags", "source", "wants_mail",
            "prayed_count", "have_prayed", "testimony", "testimony_is_public", "published_at", "answered_at",
            "withdrawn_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["flags", "source", "prayed_count", "published_at", "answered_at", "withdrawn_at"]

    def get_have_prayed(self, request: PrayerRequest) -> bool:
        return bool(getattr(request, "have_prayed", False))

    def to_representation(self, instance: PrayerRequest) -> Any:
        shown = super().to_representation(instance)
        user = self.context["request"].user
        if not visibility.may_know_name(user, instance):
            shown["requester_id"] = None
        if not user.has_permission(visibility.WRITE):
            shown["flags"] = []
        shown["name"] = visibility.name_for(user, instance) or None
        shown["email"] = visibility.email_for(user, instance) or None
        return shown


class PrayerFilter(FilterSet):
    search = filters.CharFilter(method="by_text", label="Words of title or text")
    assigned_to = UUIDFilter(field_name="assigned_to_id", label="A user's id")
    requester_id = UUIDFilter(
        method="by_requester", label="Id of the person who asked; finds no anonymous one for who may not know"
    )
    created_after = TimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = TimeFilter(field_name="created_at", lookup_expr="lt")
    category = filters.CharFilter(lookup_expr="iexact")

    class Meta:
        model = PrayerRequest
        fields = ["status", "priority", "moderation", "is_anonymous", "is_public", "source"]

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)

    def by_requester(self, queryset: Any, name: str, value: UUID) -> Any:
        user: Any = self.request.user
        found = queryset.filter(requester_id=value)
        return found if user.has_permission(visibility.CONFIDENTIAL) else found.filter(is_anonymous=False)


class PrayedSerializer(Serializer):
    id = serializers.UUIDField()
    prayed_count = serializers.IntegerField(min_value=0)
    counted = serializers.BooleanField(help_text="False where this user's prayer was counted before.")


def door_values(data: dict[str, Any]) -> dict[str, Any]:
    """What a serializer found, under the names of the doors."""
    names = {"requester": "member", "guest_name": "name", "guest_email": "email"}
    return {names.get(name, name): value for name, value in data.items()}


class PrayerRequestViewSet(AreaViewSet):
    """Prayer requests. `prayer:read` finds those that are published to the wall or to the team; what waits
    for review, is hidden or urgent is found with `prayer:write`.
    """

    area = "prayer"
    # Praying is what volunteers are there for.
    permission_actions = {"pray": "read"}
    serializer_class = PrayerRequestSerializer
    queryset = PrayerRequest.objects.none()
    filterset_class = PrayerFilter
    ordering_fields = [
        "created_at", "updated_at", "published_at", "answered_at", "prayed_count", "priority", "status",
        "moderation", "title",
    ]  # fmt: skip

    def get_queryset(self) -> Any:
        user: Any = self.request.user
        if not user.is_authenticated:
            return self.queryset
        return visibility.requests_for(user).prayed_by(user).select_related("requester")

    def perform_create(self, serializer: Any) -> None:
        user: Any = self.request.user
        given = door_values(serializer.validated_data)
        later = {name: given.pop(name) for name in ("testimony", "testimony_is_public") if name in given}
        status = given.pop("status", domain.Status.ACTIVE)
        for name in ("name", "email"):
            given[name] = given.get(name) or ""
        made = domain.submit_request(source=PrayerRequest.Source.API, user=user, **given).request
        if status != domain.Status.ACTIVE or later:
            domain.change_request(request=made, user=user, status=status, **later)
        serializer.instance = self.get_queryset().get(pk=made.pk)

    def perform_update(self, serializer: Any) -> None:
        user: Any = self.request.user
        given = door_values(serializer.validated_data)
        domain.change_request(request=serializer.instance, user=user, **given)
        serializer.instance = self.get_queryset().get(pk=serializer.instance.pk)

    def perform_destroy(self, instance: PrayerRequest) -> None:
        domain.remove_request(request=instance)

    @extend_schema(operation_id="prayer_requests_pray", request=None, responses=PrayedSerializer)
    def pray(self, request: Request, pk: str) -> Response:
        """Says that I have prayed; counted once for each user."""
        user: Any = request.user
        with transaction.atomic(), gone_is_absent():
            prayed, counted = pray(request=self.get_object(), user=user)
        return Response({"id": prayed.pk, "prayed_count": prayed.prayed_count, "counted": counted})


class PrayerUpdateSerializer(ModelSerializer):
    """Something written about a request. `audience`: `public` for all who see the request, `requester` for
    the requester (by mail and behind their link) and the team, `internal` for the team, `confidential` for
    those with `members:confidential`.
    """

    update_text = serializers.CharField(max_length=values.LONGEST_TEXT)

    class Meta:
        model = PrayerUpdate
        fields = [
            "id", "prayer_request_id", "update_text", "audience", "by_requester", "created_by",
            "created_at",
        ]  # fmt: skip
        read_only_fields = ["prayer_request_id", "by_requester", "created_by"]
        extra_kwargs = {"prayer_request_id": {"read_only": True}}


@extend_schema_view(
    list=extend_schema(parameters=[REQUEST], operation_id="prayer_updates_list"),
    create=extend_schema(parameters=[REQUEST], operation_id="prayer_updates_create"),
)
class PrayerUpdateViewSet(AreaViewSet):
    """What was written about a request since, the oldest first."""

    area = "prayer"
    serializer_class = PrayerUpdateSerializer
    queryset = PrayerUpdate.objects.none()
    filter_backends = [Ordering]
    ordering_fields = ["created_at"]

    def _request(self) -> PrayerRequest:
        return get_object_or_404(visibility.requests_for(self.request.user), pk=self.kwargs["pk"])

    def get_queryset(self) -> Any:
        if "pk" not in self.kwargs:
            return self.queryset
        return visibility.updates_for(self.request.user, self._request())

    @creates
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new update; mailed to the requester where they are among its readers and gave an address."""
        user: Any = request.user
        prayer_request = self._request()
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        try:
            update = domain.add_update(request=prayer_request, user=user, **data.validated_data)
        except PrayerRequest.DoesNotExist as gone:
            raise Http404 from gone
        return Response(self.get_serializer(update).data, status=201)


_requests: dict[str, Any] = {"get": "list", "post": "create"}
_request: dict[str, Any] = {
    "get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy",
}  # fmt: skip

urlpatterns = [
    path("prayer-requests", PrayerRequestViewSet.as_view(_requests)),
    path("prayer-requests/<uuid:pk>", PrayerRequestViewSet.as_view(_request)),
    path("prayer-requests/<uuid:pk>/updates", PrayerUpdateViewSet.as_view(_requests)),
    path("prayer-requests/<uuid:pk>/pray", PrayerRequestViewSet.as_view({"post": "pray"})),
]
