"""Who is in a sequence, over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from automation.enrolling import domain
from automation.models import Enrolment, ExitReason
from core.api.filters import FilterSet, UUIDFilter
from core.api.idempotency import creates
from core.api.serializers import ModelSerializer, Serializer
from core.api.views import AreaViewSet, GenericAreaView
from members.models import Member

from .sequences import SEQUENCE, sequence_for

ABSENT: Any = {"does_not_exist": gettext_lazy("There is no such entry.")}


class EnrolmentSerializer(ModelSerializer):
    """One person's way through a sequence. `step` counts from 0: the step that is planned or was last."""

    sequence_id = serializers.UUIDField(read_only=True)
    member_id = serializers.UUIDField(read_only=True)
    exit_reason = serializers.CharField(
        read_only=True, help_text=f"Empty, or one of {', '.join(ExitReason.values)}."
    )

    class Meta:
        model = Enrolment
        fields = [
            "id",
            "sequence_id",
            "member_id",
            "status",
            "exit_reason",
            "step",
            "trigger_event",
            "ended_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class EnrolSerializer(Serializer):
    """Who comes into the sequence."""

    member_id = serializers.PrimaryKeyRelatedField(
        source="member", queryset=Member.objects.all(), error_messages=ABSENT
    )


class EnrolmentFilter(FilterSet):
    member_id = UUIDFilter(field_name="member_id")

    class Meta:
        model = Enrolment
        fields = ["status"]


@extend_schema_view(list=extend_schema(operation_id="sequences_enrolments_list", parameters=[SEQUENCE]))
class EnrolmentsOfSequenceViewSet(AreaViewSet):
    """Who is in a sequence, or was, the newest first."""

    area = "automation"
    queryset = Enrolment.objects.all()
    serializer_class = EnrolmentSerializer
    filterset_class = EnrolmentFilter
    ordering_fields = ["created_at", "updated_at", "step"]

    def get_queryset(self) -> Any:
        if "pk" not in self.kwargs:
            return self.queryset
        return self.queryset.filter(sequence=sequence_for(self.kwargs["pk"]))


class EnrolView(GenericAreaView):
    """Taking somebody into a sequence by hand."""

    area = "automation"
    serializer_class = EnrolSerializer
    queryset = Enrolment.objects.all()

    @extend_schema(
        operation_id="sequences_enrol",
        parameters=[SEQUENCE],
        request=EnrolSerializer,
        responses={201: EnrolmentSerializer},
    )
    @creates
    def post(self, request: Request, pk: UUID) -> Response:
        """Takes a person into the sequence. Refused when they are in it, when it is paused or has no step."""
        sequence = sequence_for(pk)
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        user: Any = request.user
        enrolment = domain.enrol(sequence=sequence, member=data.validated_data["member"], user=user)
        return Response(EnrolmentSerializer(enrolment).data, status=201)


class LeaveView(GenericAreaView):
    """Taking somebody out of a sequence."""

    area = "automation"
    serializer_class = EnrolmentSerializer
    queryset = Enrolment.objects.filter(sequence__archived_at=None)

    @extend_schema(operation_id="enrolments_leave", request=None, responses=EnrolmentSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """Takes the person out: nothing more is sent. Asking again changes nothing."""
        enrolment = self.get_object()
        domain.leave(enrolments=[enrolment], reason=ExitReason.TAKEN_OUT)
        enrolment.refresh_from_db()
        return Response(EnrolmentSerializer(enrolment).data)


urlpatterns: list[URLPattern] = [
    path("sequences/<uuid:pk>/enrol", EnrolView.as_view()),
    path("sequences/<uuid:pk>/enrolments", EnrolmentsOfSequenceViewSet.as_view({"get": "list"})),
    path("enrolments/<uuid:pk>/leave", LeaveView.as_view()),
]
