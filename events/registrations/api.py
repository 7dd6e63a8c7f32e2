"""Registrations over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import FilterSet, TimeFilter, UUIDFilter
from core.api.idempotency import creates
from core.api.problems import ConflictError
from core.api.views import AreaViewSet, GenericAreaView, gone_is_absent
from events.api_fields import RegisterSerializer, RegistrationSerializer
from events.models import Event, EventRegistration

from . import domain

EVENT = OpenApiParameter("id", UUID, OpenApiParameter.PATH, description="The event")


def event_for(request: Request, pk: Any) -> Event:
    """The event, where whoever asks may see it. Raises Http404."""
    return get_object_or_404(Event.objects.visible_to(request.user), pk=pk)


class RegisterView(GenericAreaView):
    """Registering for an event."""

    area = "events"
    serializer_class = RegisterSerializer
    queryset = Event.objects.all()

    @extend_schema(
        operation_id="events_register",
        parameters=[EVENT],
        request=RegisterSerializer,
        responses={201: RegistrationSerializer},
    )
    @creates
    def post(self, request: Request, pk: UUID) -> Response:
        """Registers a person, or a guest by name and email: `registered` with a place, else `waitlisted`.

        409 where they are registered for the date already.
        """
        event = event_for(request, pk)
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        with gone_is_absent():
            try:
                registration = domain.register(event=event, **data.validated_data)
            except domain.AlreadyRegisteredError as known:
                raise ConflictError(known.messages[0]) from known
        return Response(RegistrationSerializer(registration).data, status=201)


class RegistrationFilter(FilterSet):
    occurrence = TimeFilter(field_name="occurrence_start", label="Original start of the date")
    member_id = UUIDFilter(field_name="member_id")

    class Meta:
        model = EventRegistration
        fields = ["status"]


_listing = extend_schema(parameters=[EVENT])


@extend_schema_view(
    list=_listing, retrieve=_listing, update=_listing, partial_update=_listing, destroy=_listing
)
class RegistrationViewSet(AreaViewSet):
    """Who comes to an event, waits, was there or cancelled, by date and in the order of registering.

    A place that becomes free goes to who waits longest. `registered` for who had cancelled asks for a place
    anew and may give `waitlisted`.
    """

    area = "events"
    serializer_class = RegistrationSerializer
    queryset = EventRegistration.objects.all()
    filterset_class = RegistrationFilter
    ordering_fields = ["number", "registered_at", "occurrence_start", "status"]
    lookup_url_kwarg = "registration_id"

    def get_queryset(self) -> Any:
        if "pk" not in self.kwargs:
            return self.queryset
        event = event_for(self.request, self.kwargs["pk"])
        return EventRegistration.objects.filter(event=event).select_related("member")

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = domain.change_registration(
            registration=serializer.instance, **serializer.validated_data
        )

    def perform_destroy(self, instance: EventRegistration) -> None:
        domain.remove_registration(registration=instance)


_registration: dict[str, Any] = {
    "get": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
}

urlpatterns = [
    path("events/<uuid:pk>/registrations", RegistrationViewSet.as_view({"get": "list"})),
    path(
        "events/<uuid:pk>/registrations/<uuid:registration_id>",
        RegistrationViewSet.as_view(_registration),
    ),
]
