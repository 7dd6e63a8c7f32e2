"""What happens in a stretch of days, and when somebody is free, over the API."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Value, When
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.api.rows import time_as_text
from core.api.serializers import CALENDAR_DATE, CANONICAL_UUID, Serializer, TimeField
from core.api.views import AreaView
from tenants.context import current_church

from .calendars import NEEDED, calendar_to_read
from .models import Visit
from .occupying import free_times
from .querysets import STANDING
from .values import EARLIEST, LATEST, LONGEST, SHORTEST

MOST_DAYS = 100
MOST_TIMES = 50
USUAL_TIMES = 10
_TIME = (
    "A day (`2026-05-01`, by the church's clock; the last one is included) or a time with its offset"
    " (`2026-05-01T10:00:00+02:00`)."
)
START = OpenApiParameter("start", str, required=True, description=_TIME)
END = OpenApiParameter("end", str, required=True, description=_TIME + f" At most {MOST_DAYS} days on.")
PASTOR = OpenApiParameter("assigned_pastor", OpenApiTypes.UUID, description="Only visits of this user.")
# Name in the answer -> what is read for it. The database writes the times, so that a month of 2,000 visits is
# read as it is sent.
COLUMNS: dict[str, Any] = {
    "id": F("id"),
    "name": Case(
        When(member=None, then=F("visitor_name")),
        default=Concat("member__first_name", Value(" "), "member__last_name"),
        output_field=models.TextField(),
    ),
    "member_id": F("member_id"),
    "visit_type": F("visit_type"),
    "scheduled_datetime": time_as_text("scheduled_datetime"),
    "end_datetime": time_as_text(
        ExpressionWrapper(
            F("scheduled_datetime") + F("duration_minutes") * Value(timedelta(minutes=1)),
            output_field=models.DateTimeField(),
        )
    ),
    "duration_minutes": F("duration_minutes"),
    "location": F("location"),
    "status": F("status"),
    "assigned_pastor": F("assigned_pastor_id"),
    "follow_up_on": F("follow_up_on"),
}


class CalendarEntrySerializer(Serializer):
    """One visit; `name` is whoever is visited."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    member_id = serializers.UUIDField(allow_null=True)
    visit_type = serializers.CharField()
    scheduled_datetime = TimeField()
    end_datetime = TimeField()
    duration_minutes = serializers.IntegerField()
    location = serializers.CharField()
    status = serializers.ChoiceField(choices=[Visit.Status.SCHEDULED, Visit.Status.COMPLETED])
    assigned_pastor = serializers.UUIDField(allow_null=True)
    follow_up_on = serializers.DateField(allow_null=True)


class CalendarSerializer(Serializer):
    start = TimeField()
    end = TimeField()
    results = CalendarEntrySerializer(many=True)


class FreeTimesSerializer(Serializer):
    results = serializers.ListField(child=TimeField())


def _bound(request: Request, name: str, *, is_end: bool = False) -> datetime:
    """The time that a parameter names; for a day its beginning, or its end. Raises ValidationError."""
    text = request.query_params.get(name, "")
    wrong = ValidationError({name: [_("Write a day as 2026-05-01, or a time as 2026-05-01T10:00:00+02:00.")]})
    try:
        if CALENDAR_DATE.fullmatch(text):
            day = date.fromisoformat(text) + timedelta(days=is_end)
            at = datetime.combine(day, time.min, ZoneInfo(current_church().timezone))
        else:
            at = datetime.fromisoformat(text)
            if at.tzinfo is None:
                raise wrong
        found = at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise wrong from error
    if not EARLIEST <= found <= LATEST:
        raise wrong
    return found


def _uuid(request: Request, name: str) -> UUID | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not CANONICAL_UUID.fullmatch(text):
        raise ValidationError({name: [_("This must be a UUID.")]})
    return UUID(text)


def _number(request: Request, name: str, usual: int, least: int, most: int) -> int:
    text = request.query_params.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and least <= int(text) <= most):
        values = {"least": least, "most": most}
        raise ValidationError({name: [_("This must be a whole number from %(least)d to %(most)d.") % values]})
    return int(text)


class CalendarView(AreaView):
    """The visits of a stretch of days."""

    area = "visits"

    @extend_schema(
        operation_id="visits_calendar", parameters=[START, END, PASTOR], responses=CalendarSerializer
    )
    def get(self, request: Request) -> Response:
        """Visits that are planned or took place, by time, all at once and without pages."""
        start, end = _bound(request, "start"), _bound(request, "end", is_end=True)
        if end <= start:
            raise ValidationError({"end": [_("This must be later than the start.")]})
        if end - start > timedelta(days=MOST_DAYS, hours=1):
            raise ValidationError({"end": [_("At most %(most)d days at once.") % {"most": MOST_DAYS}]})
        user: Any = request.user
        visits = Visit.objects.seen_by(user).filter(status__in=STANDING).between(start, end)
        if pastor := _uuid(request, "assigned_pastor"):
            visits = visits.filter(assigned_pastor=pastor)
        rows = visits.order_by("scheduled_datetime", "id").values_list(*COLUMNS.values())
        results = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        return Response({"start": _text(start), "end": _text(end), "results": results})


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


class FreeTimesView(AreaView):
    """When somebody can be visited with."""

    area = "visits"
    # For who plans visits.
    permission_actions = {"GET": "write"}

    @extend_schema(
        operation_id="visits_free_times",
        parameters=[
            OpenApiParameter("assigned_pastor", OpenApiTypes.UUID, required=True, description="A user's id."),
            OpenApiParameter("after", str, description="From then on; now where nothing is said. " + _TIME),
            OpenApiParameter(
                "duration_minutes",
                {"type": "integer", "minimum": SHORTEST, "maximum": LONGEST, "default": 60},
            ),
            OpenApiParameter(
                "count", {"type": "integer", "minimum": 1, "maximum": MOST_TIMES, "default": USUAL_TIMES}
            ),
        ],
        responses=FreeTimesSerializer,
    )
    def get(self, request: Request) -> Response:
        """Times within the visiting hours at which a visit of that length can begin, two months ahead."""
        pastor = User.objects.here().filter(pk=_uuid(request, "assigned_pastor")).first()
        if pastor is None or not pastor.has_permission(NEEDED):
            raise ValidationError({"assigned_pastor": [_("This user makes no visits.")]})
        after = timezone.now()
        if "after" in request.query_params:
            after = _bound(request, "after")
        times = free_times(
            calendar_to_read(pastor),
            after=after,
            minutes=_number(request, "duration_minutes", 60, SHORTEST, LONGEST),
            count=_number(request, "count", USUAL_TIMES, 1, MOST_TIMES),
        )
        return Response({"results": [_text(start) for start in times]})
