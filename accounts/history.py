"""The history of the whole church over the API, for its administrators."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import FilterSet, TimeFilter, UUIDFilter
from core.api.history import HistoryEntrySerializer, HistoryViewSet
from core.history_reading import ACTIONS
from core.models import HistoryEntry


class HistoryFilter(FilterSet):
    kind = filters.CharFilter(label="As in the answer: members.member, members.household …")
    actor = UUIDFilter(field_name="actor_id", label="Id of the user who did it")
    origin = filters.CharFilter(label="admin, api, import, widget, job, command or program")
    action = filters.ChoiceFilter(
        method="by_action", choices=[(name, name) for name in ACTIONS.values()], label="What was done"
    )
    about = UUIDFilter(label="Id of the person, household … on whose page it is read")
    batch = UUIDFilter(label="Id of the import, merge or deletion that it belongs to")

    class Meta:
        model = HistoryEntry
        fields: list[str] = []

    def by_action(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(action={name: number for number, name in ACTIONS.items()}[value])


# "from" is no name that a class body could give.
HistoryFilter.base_filters |= {
    "from": TimeFilter(field_name="timestamp", lookup_expr="gte", label="Not before this time"),
    "to": TimeFilter(field_name="timestamp", lookup_expr="lt", label="Before this time"),
}


class ChurchHistoryViewSet(HistoryViewSet):
    """Everything that was changed in the church, by whom, when and from where."""

    area = "settings"
    filterset_class = HistoryFilter

    @extend_schema(operation_id="history", responses=HistoryEntrySerializer(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first; for administrators."""
        return super().list(request, *args, **kwargs)


urlpatterns = [path("history", ChurchHistoryViewSet.as_view({"get": "list"}))]
