"""A church's own fields over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework import serializers

from accounts.permissions import EVERYTHING, ROLE_PERMISSIONS, Role
from core.api.serializers import ModelSerializer, Serializer
from core.api.views import AreaViewSet
from members.models import CustomField

from . import domain
from .visibility import keys_of, visible_to


class ChoiceSerializer(Serializer):
    key = serializers.CharField(
        required=False, max_length=60, help_text="Of a choice that there is. A new one is given a key."
    )
    label = serializers.CharField(max_length=domain.LONGEST_LABEL)  # type: ignore[assignment]  # DRF takes it off the class
    archived = serializers.BooleanField(
        default=False, help_text="Put away: offered no more, and kept where somebody has it."
    )


class CustomFieldSerializer(ModelSerializer):
    """``key`` is made from the first label and never changes. Of ``choices`` the whole list is given:
    a choice with the key of a present one renames it; one that is left out goes away, or is put away
    where somebody has it.
    """

    label = serializers.CharField(max_length=domain.LONGEST_LABEL)  # type: ignore[assignment]  # DRF takes it off the class
    choices = ChoiceSerializer(many=True, required=False)
    visible_to = serializers.ListField(
        child=serializers.ChoiceField(choices=Role.choices),
        required=False,
        max_length=len(Role),
        help_text="Roles that see the field, besides administrators; empty for all who may read people.",
    )
    order_index = serializers.IntegerField(required=False, min_value=0, max_value=domain.LAST_POSITION)
    archived = serializers.BooleanField(
        required=False, help_text="Put away: shown nowhere but here, and to administrators alone."
    )

    class Meta:
        model = CustomField
        fields = [
            "id", "key", "label", "help_text", "kind", "choices", "visible_to", "order_index", "archived",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["key"]
        validators: list[Any] = []


class CustomFieldViewSet(AreaViewSet):
    """What the church wants to know of its people besides: the fields that your role sees."""

    area = "members"
    permission_actions = {
        "create": "settings:write",
        "update": "settings:write",
        "partial_update": "settings:write",
        "destroy": "settings:write",
    }
    serializer_class = CustomFieldSerializer
    queryset = CustomField.objects.all()
    ordering_fields = ["order_index", "label", "created_at"]

    def get_queryset(self) -> QuerySet[CustomField]:
        fields = CustomField.objects.all()
        if EVERYTHING in ROLE_PERMISSIONS.get(getattr(self.request.user, "role", ""), ()):
            return fields
        return fields.filter(archived_at=None, key__in=keys_of(visible_to(self.request)))

    def perform_create(self, serializer: Any) -> None:
        values = dict(serializer.validated_data)
        archived = values.pop("archived", False)
        field = domain.create_custom_field(**values)
        serializer.instance = domain.archive_custom_field(field=field) if archived else field

    def perform_update(self, serializer: Any) -> None:
        values = dict(serializer.validated_data)
        archived = values.pop("archived", None)
        field = domain.change_custom_field(field=serializer.instance, **values)
        if archived is not None:
            door = domain.archive_custom_field if archived else domain.restore_custom_field
            field = door(field=field)
        serializer.instance = field

    def perform_destroy(self, instance: CustomField) -> None:
        domain.remove_custom_field(field=instance)


_fields: dict[str, Any] = {"get": "list", "post": "create"}
_field: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("custom-fields", CustomFieldViewSet.as_view(_fields)),
    path("custom-fields/<uuid:pk>", CustomFieldViewSet.as_view(_field)),
]
