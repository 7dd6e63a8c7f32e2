"""Events over the API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError as FormValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import BooleanFilter, FilterSet, TimeFilter, _ExactTimeField
from core.api.idempotency import creates
from core.api.views import AreaView, AreaViewSet, gone_is_absent

from . import domain
from .api_fields import (
    DATE_HELP,
    DuplicateSerializer,
    EventChangeSerializer,
    EventSerializer,
    OccurrenceSerializer,
)
from .feeds.answers import calendar_answer
from .feeds.api import urlpatterns as feed_urlpatterns
from .models import Event
from .occurrences import between, counts_of
from .registrations.api import RegisterView
from .registrations.api import urlpatterns as registration_urlpatterns

LONGEST_SPAN = timedelta(days=366)
USUAL_SPAN = timedelta(days=31)
SCOPE = OpenApiParameter(
    "scope", str, enum=domain.SCOPES, description="Of a series: this date, this and the following, or all"
)
OCCURRENCE = OpenApiParameter("occurrence", datetime, description=f"{DATE_HELP}; for one and following")


def time_of(request: Request, name: str) -> datetime | None:
    """The time that the query names; None where it names none. Raises ValidationError."""
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        return _ExactTimeField().clean(value)
    except FormValidationError as error:
        raise ValidationError({name: error.messages}) from error


class EventFilter(FilterSet):
    search = filters.CharFilter(method="by_text", label="Words of title, place or description")
    start_after = TimeFilter(field_name="start_datetime", lookup_expr="gte")
    start_before = TimeFilter(field_name="start_datetime", lookup_expr="lt")
    upcoming = BooleanFilter(method="by_time", label="Whether some of it is still to come")
    is_recurring = BooleanFilter(method="by_repeating", label="Whether it is a series")

    class Meta:
        model = Event
        fields = ["event_type", "status", "visibility", "registration_required"]

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)

    def by_time(self, queryset: Any, name: str, value: bool) -> Any:
        to_come = Q(last_end=None) | Q(last_end__gt=timezone.now())
        return queryset.filter(to_come) if value else queryset.exclude(to_come)

    def by_repeating(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.exclude(recurrence="") if value else queryset.filter(recurrence="")


_changing = extend_schema(
    parameters=[SCOPE, OCCURRENCE],
    request=EventChangeSerializer,
    responses=EventSerializer,
    description="Changes an event; of a series one date, this and the following, or all. What is common to "
    "all dates cannot be changed on one. With `following` the answer is the new event that begins there.",
)


@extend_schema_view(
    update=_changing,
    partial_update=_changing,
    destroy=extend_schema(
        parameters=[SCOPE, OCCURRENCE],
        description="Deletes an event with its registrations; of a series what follows a date, or "
        "cancels one date. Who is registered is told.",
    ),
)
class EventViewSet(AreaViewSet):
    """The events of the church; those for staff only for who may change events."""

    area = "events"
    serializer_class = EventSerializer
    queryset = Event.objects.all()
    filterset_class = EventFilter
    ordering_fields = ["start_datetime", "end_datetime", "title", "created_at", "updated_at"]
    reads_rows = True

    def get_queryset(self) -> Any:
        user: Any = self.request.user
        return Event.objects.visible_to(user) if user.is_authenticated else Event.objects.none()

    def get_serializer_class(self) -> Any:
        changes = getattr(self, "action", None) in {"update", "partial_update"}
        return EventChangeSerializer if changes else EventSerializer

    def _date(self, body: dict[str, Any]) -> dict[str, Any]:
        """``scope`` and the date, of the body or the query. Raises ValidationError."""
        scope = body.pop("scope", None) or self.request.query_params.get("scope", domain.ALL)
        start = body.pop("occurrence", None) or time_of(self.request, "occurrence")
        return {"scope": scope, "occurrence_start": start}

    def perform_create(self, serializer: Any) -> None:
        user: Any = self.request.user
        serializer.instance = domain.create_event(created_by=user, **serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        values = dict(serializer.validated_data)
        date = self._date(values)
        serializer.instance = domain.change_event(event=serializer.instance, **date, **values)

    def perform_destroy(self, instance: Event) -> None:
        domain.remove_event(event=instance, **self._date({}))

    @extend_schema(
        operation_id="events_duplicate", request=DuplicateSerializer, responses={201: EventSerializer}
    )
    @creates
    def duplicate(self, request: Request, pk: str) -> Response:
        """A new event like this one, without its people and its repetition."""
        user: Any = request.user
        data = DuplicateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        with gone_is_absent():
            copy = domain.duplicate_event(event=self.get_object(), created_by=user, **data.validated_data)
        return Response(EventSerializer(copy).data, status=201)

    @extend_schema(
        operation_id="events_occurrences",
        parameters=[
            OpenApiParameter("start", datetime, description="Now where none is given"),
            OpenApiParameter(
                "end", datetime, description="A month later where none is given; at most 366 days"
            ),
        ],
        responses=OccurrenceSerializer(many=True),
        filters=True,
    )
    def occurrences(self, request: Request) -> Response:
        """Every date between two times, in order, with how many come."""
        start = time_of(request, "start") or timezone.now()
        end = time_of(request, "end") or start + USUAL_SPAN
        if not start < end <= start + LONGEST_SPAN:
            raise ValidationError({"end": [_("The end lies after the start, by 366 days at most.")]})
        found = between(self.filter_queryset(self.get_queryset()), start, end)
        page: Any = self.paginate_queryset(found)
        counts = counts_of(page)
        rows = [{"occurrence": one, "counts": counts[one.key]} for one in page]
        return self.get_paginated_response(OccurrenceSerializer(rows, many=True).data)


class CalendarView(AreaView):
    """What one may see, for a calendar program."""

    area = "events"

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # Programs ask for text/calendar, which DRF does not render; what it renders are refusals.
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type

    @extend_schema(
        operation_id="events_calendar",
        responses={
            (200, "text/calendar"): OpenApiTypes.STR,
            304: OpenApiResponse(description="The client has it already (If-None-Match)"),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Every event that one may see as iCalendar (RFC 5545), with an ETag."""
        events = Event.objects.visible_to(request.user)
        return calendar_answer(request._request, events, caching="private, no-cache")


_event: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("events", EventViewSet.as_view({"get": "list", "post": "create"})),
    path("events/occurrences", EventViewSet.as_view({"get": "occurrences"})),
    path("events/calendar.ics", CalendarView.as_view()),
    *feed_urlpatterns,
    path("events/<uuid:pk>", EventViewSet.as_view(_event)),
    path("events/<uuid:pk>/duplicate", EventViewSet.as_view({"post": "duplicate"})),
    path("events/<uuid:pk>/register", RegisterView.as_view()),
    *registration_urlpatterns,
]
