"""History entries over the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.history_reading import ACTIONS, Reader, kind_label
from core.models import HistoryEntry

from .filters import Filters
from .serializers import Serializer, TimeField
from .views import AreaViewSet


class WhoSerializer(Serializer):
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField(allow_blank=True)


class ChangeSerializer(Serializer):
    field = serializers.CharField(help_text="Name of the field, address.city for a part of one")
    label = serializers.CharField()  # type: ignore[assignment]  # every field has an attribute of that name
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class HistoryEntrySerializer(Serializer):
    """One change of one row."""

    id = serializers.UUIDField()
    at = TimeField()
    who = WhoSerializer(help_text="Without id where a program did it")
    origin = serializers.CharField(help_text="admin, api, import, widget, job, command or program")
    action = serializers.ChoiceField(choices=list(ACTIONS.values()))
    kind = serializers.CharField(help_text="members.member, members.membernote …")
    kind_label = serializers.CharField(help_text="The same in plain words")
    object_id = serializers.UUIDField()
    about = serializers.UUIDField(allow_null=True, help_text="On whose page it is read: the person's id")
    batch = serializers.UUIDField(
        allow_null=True, help_text="The import, merge, undo or deletion that it belongs to"
    )
    changes = ChangeSerializer(many=True)


def entry_as_json(entry: HistoryEntry, reader: Reader) -> dict[str, Any]:
    """What ``HistoryEntrySerializer`` describes."""
    return {
        "id": entry.pk,
        "at": entry.timestamp.isoformat(timespec="microseconds"),
        "who": {"id": entry.actor_id, "name": entry.actor_name},
        "origin": entry.origin,
        "action": ACTIONS[entry.action],
        "kind": entry.kind,
        "kind_label": kind_label(entry.kind),
        "object_id": entry.object_pk,
        "about": entry.about,
        "batch": entry.batch,
        "changes": [vars(change) for change in reader.changes(entry)],
    }


class HistoryViewSet(AreaViewSet, abstract=True):
    """Pages of entries, the newest first."""

    serializer_class = HistoryEntrySerializer
    queryset = HistoryEntry.objects.all()
    filter_backends = [Filters]

    def reader(self) -> Reader:
        """Reads the entries for whoever asks."""
        return Reader()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        entries = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        reader = self.reader()
        return self.get_paginated_response([entry_as_json(entry, reader) for entry in entries])
