"""Visits over the API."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.urls import path
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.api.filters import DateFilter, FilterSet, TimeFilter, UUIDFilter
from core.api.idempotency import creates
from core.api.schema import PROBLEM
from core.api.serializers import ModelSerializer, Serializer, TimeField
from core.api.views import AreaViewSet, gone_is_absent
from members.confidential.domain import LONGEST_TEXT
from members.models import Member

from . import domain, reports
from .api_calendar import CalendarView, FreeTimesView
from .models import Visit
from .values import LONGEST, SHORTEST

ABSENT: Any = {"does_not_exist": gettext_lazy("There is no such entry.")}
BOOKED = {
    **PROBLEM,
    "description": "Whoever is to visit has another visit at that time; `alternatives` are up to three free"
    " times nearby.",
    "properties": {
        **PROBLEM["properties"],  # type: ignore[dict-item]  # it is a dictionary
        "alternatives": {"type": "array", "items": {"type": "string", "format": "date-time"}, "maxItems": 3},
    },
}
_CONFLICT: dict[Any, Any] = {(409, "application/problem+json"): BOOKED}


class VisitSerializer(ModelSerializer):
    """A visit. Its care report is read at an address of its own."""

    member_id = serializers.PrimaryKeyRelatedField(
        source="member", queryset=Member.objects.all(), required=False, allow_null=True
    )
    visitor_email = serializers.EmailField(max_length=255, required=False, allow_blank=True)
    visit_type = serializers.CharField(
        max_length=50, required=False, help_text="`pastoral`, `home`, `hospital`, `coffee`, or another."
    )
    duration_minutes = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST, required=False)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    assigned_pastor = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), required=False, allow_null=True, help_text="A user's id"
    )
    # The door says what a kind is; a pattern beside a blank would describe each text twice.
    origin_kind = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=40,
        help_text="What it came from: `prayer_request`, `visit`; goes with `origin_id`.",
    )
    origin_id = serializers.UUIDField(required=False, allow_null=True)
    outcome = serializers.CharField(
        read_only=True, help_text="`met`, `not_met`, `by_phone`; empty until it is completed."
    )
    rescheduled_from: Any = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)
    created_by: Any = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)
    outside_hours = serializers.BooleanField(
        write_only=True,
        required=False,
        help_text="Plan it although the time is outside of the visiting hours of whoever visits.",
    )

    class Meta:
        model = Visit
        fields = [
            "id",
            "member_id",
            "visitor_name",
            "visitor_email",
            "visitor_phone",
            "visit_type",
            "scheduled_datetime",
            "duration_minutes",
            "location",
            "status",
            "outcome",
            "notes",
            "assigned_pastor",
            "follow_up_on",
            "timezone",
            "rescheduled_from",
            "origin_kind",
            "origin_id",
            "created_by",
            "outside_hours",
            "created_at",
            "updated_at",
        ]
        # The database's constraints speak through the doors.
        validators: list[Any] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("member_id", "assigned_pastor"):
            self.fields[name].error_messages.update(ABSENT)

    def to_representation(self, instance: Any) -> Any:
        shown = super().to_representation(instance)
        request = self.context.get("request")
        return shown_origin(shown, request.user if request else None)


def shown_origin(row: dict[str, Any], user: Any) -> dict[str, Any]:
    """``row`` without what the visit came from, where ``user`` may not know that: a prayer request can be
    anonymous, and the visit names whom it is for.
    """
    if may_know_origin(user, row["origin_kind"]):
        return row
    return {**row, "origin_kind": "", "origin_id": None}


def may_know_origin(user: Any, kind: str) -> bool:
    """Whether ``user`` may know that a visit came from something of this kind, and from which."""
    return kind in {"", domain.VISIT} or bool(user and user.has_permission("members:confidential"))


class ReschedulingSerializer(Serializer):
    scheduled_datetime = TimeField()
    duration_minutes = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST, required=False)
    assigned_pastor = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), required=False, error_messages=ABSENT
    )
    outside_hours = serializers.BooleanField(required=False)


class CompletionSerializer(Serializer):
    outcome = serializers.ChoiceField(choices=Visit.Outcome.choices, required=False)
    report = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_TEXT,
        help_text="Kept encrypted; `members:confidential` is needed to write and to read it.",
    )
    follow_up_on = serializers.DateField(required=False, allow_null=True)


class ReportInputSerializer(Serializer):
    report = serializers.CharField(max_length=LONGEST_TEXT)


class ReportSerializer(Serializer):
    """What was written in confidence about a visit. Each answer that shows it is logged as a reading."""

    report = serializers.CharField(source="body")
    author = serializers.UUIDField(source="author_id", allow_null=True)
    author_name = serializers.SerializerMethodField()
    created_at = TimeField()
    updated_at = TimeField()

    def get_author_name(self, report: Any) -> str:
        return str(report.author or "")


class VisitFilter(FilterSet):
    search = filters.CharFilter(method="by_text", label="Words of a name or of the place")
    status = filters.MultipleChoiceFilter(choices=Visit.Status.choices)
    member_id = UUIDFilter(field_name="member_id")
    assigned_pastor = UUIDFilter(field_name="assigned_pastor_id")
    scheduled_after = TimeFilter(field_name="scheduled_datetime", lookup_expr="gte")
    scheduled_before = TimeFilter(field_name="scheduled_datetime", lookup_expr="lt")
    follow_up_until = DateFilter(field_name="follow_up_on", lookup_expr="lte", label="Follow-up due by then")
    origin_id = UUIDFilter(method="by_origin", label="What it came from, where you may know it")
    updated_after = TimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Visit
        fields = ["visit_type"]

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)

    def by_origin(self, queryset: Any, name: str, value: uuid.UUID) -> Any:
        user: Any = self.request.user
        known = {} if user.has_permission("members:confidential") else {"origin_kind": domain.VISIT}
        return queryset.filter(origin_id=value, **known)


@extend_schema_view(
    create=extend_schema(responses={201: VisitSerializer, **_CONFLICT}),
    update=extend_schema(responses={200: VisitSerializer, **_CONFLICT}),
    partial_update=extend_schema(responses={200: VisitSerializer, **_CONFLICT}),
)
class VisitViewSet(AreaViewSet):
    """Visits, the latest first. Nobody is booked twice: a time that whoever visits does not have any more
    is answered with 409 and three free times nearby.
    """

    area = "visits"
    permission_actions = {"read_report": "members:confidential", "write_report": "members:confidential"}
    queryset = Visit.objects.all()
    serializer_class = VisitSerializer
    filterset_class = VisitFilter
    ordering_fields = ["scheduled_datetime", "follow_up_on", "created_at", "updated_at"]
    reads_rows = True

    def get_queryset(self) -> Any:
        user: Any = self.request.user
        visits = Visit.objects.seen_by(user)
        return visits if self.action == "list" else visits.with_people()

    def shown_rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [shown_origin(row, self.request.user) for row in rows]

    def perform_create(self, serializer: Any) -> None:
        user: Any = self.request.user
        # A new visit is planned, whatever else is said.
        values = {name: value for name, value in serializer.validated_data.items() if name != "status"}
        serializer.instance = domain.book_visit(user=user, **values)

    def perform_update(self, serializer: Any) -> None:
        user: Any = self.request.user
        values = dict(serializer.validated_data)
        if not may_know_origin(user, serializer.instance.origin_kind):
            # Who was shown none would take it away by sending back what they were shown.
            values = {name: value for name, value in values.items() if not name.startswith("origin_")}
        serializer.instance = domain.change_visit(visit=serializer.instance, user=user, **values)

    def perform_destroy(self, instance: Visit) -> None:
        user: Any = self.request.user
        domain.remove_visit(visit=instance, user=user)

    def _through(self, door: Any, **values: Any) -> Visit:
        user: Any = self.request.user
        with transaction.atomic(), gone_is_absent():
            visit: Visit = door(visit=self.get_object(), user=user, **values)
        return visit

    def _input(self, serializer_class: Any) -> Any:
        data = serializer_class(data=self.request.data, context=self.get_serializer_context())
        data.is_valid(raise_exception=True)
        return data.validated_data

    @extend_schema(
        operation_id="visits_reschedule",
        request=ReschedulingSerializer,
        responses={201: VisitSerializer, **_CONFLICT},
    )
    @creates
    def reschedule(self, request: Request, pk: str) -> Response:
        """Moves a planned visit: answers the new one, which names this one in `rescheduled_from`. Both sides
        are told.
        """
        moved = self._through(domain.reschedule_visit, **self._input(ReschedulingSerializer))
        return Response(self.get_serializer(moved).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="visits_complete", request=CompletionSerializer, responses={200: VisitSerializer}
    )
    def complete(self, request: Request, pk: str) -> Response:
        """The visit took place: how it went, a report in confidence, and when to follow up."""
        user: Any = request.user
        values = self._input(CompletionSerializer)
        if values.get("report") and not user.has_permission("members:confidential"):
            raise exceptions.PermissionDenied
        return Response(self.get_serializer(self._through(domain.complete_visit, **values)).data)

    @extend_schema(operation_id="visits_cancel", request=None, responses={200: VisitSerializer})
    def cancel(self, request: Request, pk: str) -> Response:
        """Calls a planned visit off. Both sides are told."""
        return Response(self.get_serializer(self._through(domain.cancel_visit)).data)

    @extend_schema(operation_id="visits_report_retrieve", responses={200: ReportSerializer})
    def read_report(self, request: Request, pk: str) -> Response:
        """The care report of the visit. The reading is logged."""
        user: Any = request.user
        with transaction.atomic():
            report = reports.read_report(visit=self.get_object(), reader=user)
            if report is None:
                raise exceptions.NotFound
            return Response(ReportSerializer(report).data)

    @extend_schema(
        operation_id="visits_report_update", request=ReportInputSerializer, responses={200: ReportSerializer}
    )
    def write_report(self, request: Request, pk: str) -> Response:
        """Stores the care report in place of an earlier one."""
        body = self._input(ReportInputSerializer)["report"]
        return Response(ReportSerializer(self._through(reports.write_report, body=body)).data)


_one: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("visits", VisitViewSet.as_view({"get": "list", "post": "create"})),
    path("visits/calendar", CalendarView.as_view()),
    path("visits/free-times", FreeTimesView.as_view()),
    path("visits/<uuid:pk>", VisitViewSet.as_view(_one)),
    path("visits/<uuid:pk>/reschedule", VisitViewSet.as_view({"post": "reschedule"})),
    path("visits/<uuid:pk>/complete", VisitViewSet.as_view({"post": "complete"})),
    path("visits/<uuid:pk>/cancel", VisitViewSet.as_view({"post": "cancel"})),
    path(
        "visits/<uuid:pk>/report",
        VisitViewSet.as_view({"get": "read_report", "put": "write_report"}),
    ),
]
