"""Saved lists over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from core.api.serializers import ModelSerializer
from core.api.views import AreaViewSet
from members.models import SavedList

from . import domain
from .reading import lists_for, people_on

RULE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "match": {"type": "string", "enum": ["all", "any"], "default": "all"},
        "conditions": {
            "type": "array",
            "maxItems": 30,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["field", "operator"],
                "properties": {"field": {"type": "string"}, "operator": {"type": "string"}, "value": {}},
            },
        },
    },
}


@extend_schema_field(RULE)
class RuleField(serializers.JSONField):
    """A rule (``members.rules.rule``); the door checks it."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = (
            "Whom the list means: `match` (all or any) of `conditions`, each `field`, `operator` and `value`."
            " Without conditions it means nobody. What may be asked is in docs/lists.md."
        )
        super().__init__(**{"help_text": help_text, **kwargs})


class SavedListSerializer(ModelSerializer):
    rule = RuleField()
    owner_name = serializers.SerializerMethodField()

    class Meta:
        model = SavedList
        fields = ["id", "name", "rule", "is_shared", "owner", "owner_name", "created_at", "updated_at"]
        read_only_fields = ["owner"]

    def get_owner_name(self, saved_list: SavedList) -> str:
        return str(saved_list.owner or "")


class CountedListSerializer(SavedListSerializer):
    """With the number of people who are on it now."""

    count = serializers.SerializerMethodField()

    class Meta(SavedListSerializer.Meta):
        fields = [*SavedListSerializer.Meta.fields, "count"]

    def get_count(self, saved_list: SavedList) -> int:
        return people_on(saved_list, self.context["request"].user).count()


@extend_schema_view(list=extend_schema(responses=SavedListSerializer(many=True)))
class SavedListViewSet(AreaViewSet):
    """Your own lists and those for everybody. How many people are on one is told by the list itself."""

    area = "members"
    permission_actions = {"destroy": "write"}
    serializer_class = CountedListSerializer
    queryset = SavedList.objects.all()
    ordering_fields = ["name", "created_at", "updated_at"]

    def get_queryset(self) -> QuerySet[SavedList]:
        return lists_for(self.request.user)

    def get_serializer_class(self) -> Any:
        return SavedListSerializer if self.action == "list" else CountedListSerializer

    def perform_create(self, serializer: Any) -> None:
        user: Any = self.request.user
        serializer.instance = domain.save_list(user=user, **serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        user: Any = self.request.user
        serializer.instance = domain.change_list(
            saved_list=serializer.instance, user=user, **serializer.validated_data
        )

    def perform_destroy(self, instance: SavedList) -> None:
        user: Any = self.request.user
        domain.remove_list(saved_list=instance, user=user)


_lists: dict[str, Any] = {"get": "list", "post": "create"}
_list: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("saved-lists", SavedListViewSet.as_view(_lists)),
    path("saved-lists/<uuid:pk>", SavedListViewSet.as_view(_list)),
]
