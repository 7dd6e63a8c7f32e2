"""Sequences over the API, and their numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from automation.models import Channel, ExitReason, Sequence
from automation.sequences import domain
from automation.sequences.statistics import stats
from core.api.filters import FilterSet
from core.api.serializers import ModelSerializer, Serializer
from core.api.views import AreaView, AreaViewSet
from members.confidential.domain import LONGEST_TEXT

SEQUENCE = OpenApiParameter("id", UUID, OpenApiParameter.PATH, description="The sequence")


def sequence_for(pk: Any) -> Sequence:
    """The sequence, where it was not removed. Raises Http404."""
    return get_object_or_404(Sequence.objects.present(), pk=pk)


class SequenceSerializer(ModelSerializer):
    """A sequence; its steps are at `/api/sequences/{id}/templates`."""

    description = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    trigger_tag = serializers.CharField(
        required=False, allow_blank=True, max_length=50, help_text="Of `tag_added` alone, and needed there."
    )
    is_active = serializers.BooleanField(
        required=False,
        help_text="false: paused. Nobody is enrolled then, and who is in it waits; what was to come is later"
        " by the length of the pause.",
    )

    class Meta:
        model = Sequence
        fields = [
            "id",
            "name",
            "description",
            "trigger_event",
            "trigger_tag",
            "topic",
            "is_active",
            "may_repeat",
            "exit_when_replied",
            "exit_when_visited",
            "exit_when_tag_removed",
            "created_at",
            "updated_at",
        ]


class SequenceFilter(FilterSet):
    class Meta:
        model = Sequence
        fields = ["trigger_event", "topic", "is_active"]


class SequenceViewSet(AreaViewSet):
    """Messages that follow one another, started by what happens with a person."""

    area = "automation"
    permission_actions = {"destroy": "write"}
    queryset = Sequence.objects.present()
    serializer_class = SequenceSerializer
    filterset_class = SequenceFilter
    ordering_fields = ["name", "created_at", "updated_at"]
    reads_rows = True

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = domain.create_sequence(**serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = domain.change_sequence(
            sequence=serializer.instance, **serializer.validated_data
        )

    def perform_destroy(self, instance: Sequence) -> None:
        domain.remove_sequence(sequence=instance)


class StepStatsSerializer(Serializer):
    """What became of the messages of one step. `left` are those whose recipients left the sequence before it
    was sent, `skipped` those that were left out for another reason. A step that was removed is told of while
    somebody waits for it.
    """

    template_id = serializers.UUIDField()
    order_index = serializers.IntegerField()
    message_type = serializers.ChoiceField(choices=Channel.choices)
    subject = serializers.CharField()
    is_removed = serializers.BooleanField()
    waiting = serializers.IntegerField()
    sent = serializers.IntegerField()
    delivered = serializers.IntegerField()
    bounced = serializers.IntegerField()
    clicked = serializers.IntegerField()
    failed = serializers.IntegerField()
    unknown = serializers.IntegerField()
    skipped = serializers.IntegerField()
    left = serializers.IntegerField()


class StatsSerializer(Serializer):
    """How many came into a sequence, and what became of them. `exited` counts by reason."""

    enrolled = serializers.IntegerField()
    active = serializers.IntegerField()
    completed = serializers.IntegerField()
    exited = serializers.DictField(
        child=serializers.IntegerField(), help_text=f"By reason: {', '.join(ExitReason.values)}."
    )
    steps = StepStatsSerializer(many=True)


class StatsView(AreaView):
    """The numbers of a sequence."""

    area = "automation"

    @extend_schema(operation_id="sequences_stats", parameters=[SEQUENCE], responses=StatsSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """How many came into the sequence, left it, and got each of its steps."""
        return Response(StatsSerializer(stats(sequence_for(pk))).data)


_sequences: dict[str, Any] = {"get": "list", "post": "create"}
_sequence: dict[str, Any] = {
    "get": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
}

urlpatterns: list[URLPattern] = [
    path("sequences", SequenceViewSet.as_view(_sequences)),
    path("sequences/<uuid:pk>", SequenceViewSet.as_view(_sequence)),
    path("sequences/<uuid:pk>/stats", StatsView.as_view()),
]
