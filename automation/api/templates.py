"""The steps of sequences over the API."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from automation.models import EmailTemplate
from automation.sequences import domain
from automation.sequences.values import LONGEST_WAIT_DAYS, LONGEST_WAIT_HOURS, MOST_POSITION
from automation.writing.checking import LONGEST_HTML
from core.api.serializers import ModelSerializer
from core.api.views import AreaViewSet
from members.confidential.domain import LONGEST_TEXT

from .sequences import SEQUENCE, sequence_for


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})
class ClockField(serializers.RegexField):
    """A time of the day, ``HH:MM``."""

    default_error_messages = {"invalid": _("Write a time as HH:MM.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", trim_whitespace=False, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        return time.fromisoformat(value) if isinstance(value, str) else value

    def to_representation(self, value: Any) -> Any:
        return value.strftime("%H:%M") if isinstance(value, time) else value


class TemplateSerializer(ModelSerializer):
    """A step: a wait, and then a message. The wait is `delay_days` by the wall clock, then `delay_hours`,
    then until it is `send_at` where the person lives; it begins when the step before was due.

    An email needs `subject` and a text; of a text message `body_text` alone counts. Merge fields look like
    `{{ member.first_name | there }}`; what stands behind the bar is for whoever has none. `body_html` is
    cleaned of whatever could run.
    """

    sequence_id = serializers.UUIDField(read_only=True)
    body_html = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_HTML)
    body_text = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    delay_days = serializers.IntegerField(required=False, min_value=0, max_value=LONGEST_WAIT_DAYS)
    delay_hours = serializers.IntegerField(required=False, min_value=0, max_value=LONGEST_WAIT_HOURS)
    send_at = ClockField(required=False, allow_null=True)
    order_index = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_POSITION,
        help_text="From 0; a new step without it comes last. The others make room.",
    )

    class Meta:
        model = EmailTemplate
        fields = [
            "id",
            "sequence_id",
            "message_type",
            "subject",
            "body_html",
            "body_text",
            "delay_days",
            "delay_hours",
            "send_at",
            "order_index",
            "is_active",
            "created_at",
            "updated_at",
        ]


class TemplateViewSet(AreaViewSet):
    """The steps of sequences, in order. Who is under way gets a step as it was when they came in."""

    area = "automation"
    permission_actions = {"destroy": "write"}
    queryset = EmailTemplate.objects.filter(archived_at=None, sequence__archived_at=None)
    serializer_class = TemplateSerializer
    ordering_fields = ["order_index", "created_at", "updated_at"]

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("sequence")

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = domain.change_step(template=serializer.instance, **serializer.validated_data)

    def perform_destroy(self, instance: EmailTemplate) -> None:
        domain.remove_step(template=instance)


@extend_schema_view(
    list=extend_schema(operation_id="sequences_templates_list", parameters=[SEQUENCE]),
    create=extend_schema(operation_id="sequences_templates_create", parameters=[SEQUENCE]),
)
class TemplatesOfSequenceViewSet(TemplateViewSet):
    """The steps of one sequence, in order."""

    def get_queryset(self) -> Any:
        if "pk" not in self.kwargs:
            return self.queryset
        return self.queryset.filter(sequence=sequence_for(self.kwargs["pk"]))

    def perform_create(self, serializer: Any) -> None:
        sequence = sequence_for(self.kwargs["pk"])
        serializer.instance = domain.add_step(sequence=sequence, **serializer.validated_data)


_template: dict[str, Any] = {
    "get": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
}
_steps: dict[str, Any] = {"get": "list", "post": "create"}

urlpatterns: list[URLPattern] = [
    path("sequences/<uuid:pk>/templates", TemplatesOfSequenceViewSet.as_view(_steps)),
    path("templates/<uuid:pk>", TemplateViewSet.as_view(_template)),
]
