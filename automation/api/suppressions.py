"""Who must not be written to, over the API."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import path
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from automation.consent import domain
from automation.models import Suppression, Topic
from core.api.filters import FilterSet
from core.api.problems import ConflictError
from core.api.serializers import ModelSerializer
from core.api.views import AreaViewSet


# An enumeration of the description has no room for an empty text.
@extend_schema_field({"type": "string", "pattern": f"^({'|'.join(Topic.values)})?$"})
class TopicField(serializers.ChoiceField):
    """One topic, or an empty text for all."""


class SuppressionSerializer(ModelSerializer):
    """An address that gets nothing more: on `channel`, about `topic`, or about anything where that is empty.
    `address` is in lower case, or a number in E.164; of somebody who was erased it is empty, and the wish
    still counts. Entered here, the `reason` is `by_hand`.
    """

    address = serializers.CharField(max_length=domain.LONGEST_ADDRESS)
    topic = TopicField(choices=Topic.choices, allow_blank=True, required=False)

    class Meta:
        model = Suppression
        fields = ["id", "channel", "topic", "address", "reason", "created_by", "created_at", "updated_at"]
        read_only_fields = ["reason", "created_by"]


class SuppressionFilter(FilterSet):
    search = filters.CharFilter(method="by_address", label="A part of the address, or the whole number")

    class Meta:
        model = Suppression
        fields = ["channel", "topic", "reason"]

    def by_address(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(domain.with_address(value))


class SuppressionViewSet(AreaViewSet):
    """Declined addresses. What is declined already is answered as it is."""

    area = "automation"
    permission_actions = {"destroy": "write"}
    serializer_class = SuppressionSerializer
    queryset = Suppression.objects.all()
    filterset_class = SuppressionFilter
    ordering_fields = ["created_at", "address", "channel", "topic", "reason"]
    reads_rows = True

    def perform_create(self, serializer: Any) -> None:
        user: Any = self.request.user
        serializer.instance = domain.add_by_hand(user=user, **serializer.validated_data)

    def perform_destroy(self, instance: Suppression) -> None:
        """Lets the address get messages again; 409 where only the person can say so."""
        try:
            domain.lift_by_church(suppression=instance)
        except ValidationError as refusal:
            raise ConflictError(refusal.messages[0]) from refusal


urlpatterns = [
    path("suppressions", SuppressionViewSet.as_view({"get": "list", "post": "create"})),
    path("suppressions/<uuid:pk>", SuppressionViewSet.as_view({"delete": "destroy"})),
]
