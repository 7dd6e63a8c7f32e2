"""Notes, confidential details and the log of who read them, over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import Ordering
from core.api.idempotency import creates
from core.api.serializers import ModelSerializer, Serializer, TimeField
from core.api.views import AreaViewSet, GenericAreaView, gone_is_absent
from members.models import ConfidentialDetails, ConfidentialReading, Member, MemberNote

from . import domain
from .visibility import listed_notes, notes_for

PERSON = OpenApiParameter("id", UUID, OpenApiParameter.PATH, description="The person")


class NoteInputSerializer(Serializer):
    body = serializers.CharField(max_length=domain.LONGEST_TEXT)
    is_confidential = serializers.BooleanField(
        required=False, help_text="For a new note false; `members:confidential` is needed to set it."
    )


class NoteSerializer(ModelSerializer):
    """A note. The text of a confidential one is null everywhere but in the answer to a GET of it alone,
    which is logged.
    """

    body = serializers.SerializerMethodField()
    author_name = serializers.SerializerMethodField()

    class Meta:
        model = MemberNote
        fields = ["id", "body", "is_confidential", "author", "author_name", "created_at", "updated_at"]
        read_only_fields = fields

    def get_body(self, note: MemberNote) -> str | None:
        shown: str | None = self.context.get("read_body")
        return shown if shown is not None else getattr(note, "plain_body", None)

    def get_author_name(self, note: MemberNote) -> str:
        return str(note.author or "")


_listing = extend_schema(parameters=[PERSON])
_writing = extend_schema(parameters=[PERSON], request=NoteInputSerializer, responses=NoteSerializer)


@extend_schema_view(
    list=_listing,
    retrieve=_listing,
    create=extend_schema(parameters=[PERSON], request=NoteInputSerializer, responses={201: NoteSerializer}),
    update=_writing,
    partial_update=_writing,
    destroy=_listing,
)
class NoteViewSet(AreaViewSet):
    """Notes about a person, the newest first. A note is changed by its author, or by whoever may read
    what is confidential.
    """

    area = "members"
    # Notes are pastoral: reading them takes more than reading a phone number.
    permission_actions = dict.fromkeys(("list", "retrieve", "destroy"), "write")
    serializer_class = NoteSerializer
    queryset = MemberNote.objects.all()
    filter_backends = [Ordering]
    ordering_fields = ["created_at", "updated_at"]
    lookup_url_kwarg = "note_id"

    def _person(self) -> Member:
        return get_object_or_404(Member, pk=self.kwargs["pk"])

    def get_queryset(self) -> Any:
        if "pk" not in self.kwargs:
            return self.queryset
        return listed_notes(self.request.user, self._person().pk)

    def _answer(self, note: MemberNote, status: int = 200) -> Response:
        listed = self.get_queryset().get(pk=note.pk)
        return Response(self.get_serializer(listed).data, status=status)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One note. Reading a confidential one is logged."""
        user: Any = request.user
        with transaction.atomic(), gone_is_absent():
            note = self.get_object()
            context = dict(self.get_serializer_context())
            if note.is_confidential:
                context["read_body"] = domain.read_confidential_note(note=note, reader=user)
            return Response(NoteSerializer(note, context=context).data)

    @creates
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new note."""
        user: Any = request.user
        person = self._person()
        data = NoteInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        with gone_is_absent():
            note = domain.add_note(member=person, author=user, **data.validated_data)
        return self._answer(note, 201)

    def update(self, request: Request, *args: Any, partial: bool = False, **kwargs: Any) -> Response:
        """Changes a note."""
        user: Any = request.user
        with transaction.atomic(), gone_is_absent():
            note = self.get_object()
            data = NoteInputSerializer(data=request.data, partial=partial)
            data.is_valid(raise_exception=True)
            domain.change_note(note=note, user=user, **data.validated_data)
            return self._answer(note)

    def perform_destroy(self, instance: MemberNote) -> None:
        user: Any = self.request.user
        domain.remove_note(note=notes_for(user).get(pk=instance.pk), user=user)


class DetailsSerializer(ModelSerializer):
    """What is known of a person in confidence; each answer that shows it is logged as a reading."""

    national_id = serializers.CharField(required=False, allow_blank=True, max_length=domain.LONGEST_TEXT)
    health = serializers.CharField(required=False, allow_blank=True, max_length=domain.LONGEST_TEXT)
    safeguarding = serializers.CharField(required=False, allow_blank=True, max_length=domain.LONGEST_TEXT)
    updated_at = TimeField(read_only=True, allow_null=True)

    class Meta:
        model = ConfidentialDetails
        fields = [*domain.DETAILS, "updated_at"]


class DetailsView(GenericAreaView):
    """Confidential details of a person."""

    area = "members"
    permission_actions = dict.fromkeys(("GET", "HEAD", "PUT", "PATCH"), "confidential")
    serializer_class = DetailsSerializer
    queryset = Member.objects.all()

    @extend_schema(operation_id="members_confidential_retrieve")
    def get(self, request: Request, pk: UUID) -> Response:
        """Confidential details, empty where none are known. The reading is logged."""
        return self._answer(request, self.get_object())

    @extend_schema(operation_id="members_confidential_update")
    def put(self, request: Request, pk: UUID) -> Response:
        """Stores what is given and empties the rest."""
        return self._change(request, dict.fromkeys(domain.DETAILS, ""))

    @extend_schema(operation_id="members_confidential_partial_update")
    def patch(self, request: Request, pk: UUID) -> Response:
        """Stores what is given and leaves the rest."""
        return self._change(request, {})

    def _change(self, request: Request, absent: dict[str, str]) -> Response:
        user: Any = request.user
        with transaction.atomic(), gone_is_absent():
            member = self.get_object()
            data = self.get_serializer(data=request.data)
            data.is_valid(raise_exception=True)
            domain.change_details(member=member, user=user, **{**absent, **data.validated_data})
            return self._answer(request, member)

    def _answer(self, request: Request, member: Member) -> Response:
        user: Any = request.user
        with transaction.atomic():
            details: dict[str, Any] = dict(domain.read_details(member=member, reader=user))
            stored = ConfidentialDetails.objects.filter(member=member).only("updated_at").first()
        details["updated_at"] = stored.updated_at if stored else None
        return Response(self.get_serializer(details).data)


class ReadingSerializer(ModelSerializer):
    """``object_id`` is the id of the note or of the details, which may be gone by now."""

    class Meta:
        model = ConfidentialReading
        fields = ["id", "reader", "reader_name", "subject", "object_id", "origin", "created_at"]
        read_only_fields = fields


@extend_schema_view(list=extend_schema(parameters=[PERSON], operation_id="members_readings_list"))
class ReadingViewSet(AreaViewSet):
    """Who has read something confidential about a person, the latest first."""

    area = "members"
    permission_actions = {"list": "confidential"}
    serializer_class = ReadingSerializer
    queryset = ConfidentialReading.objects.none()
    filter_backends = [Ordering]
    reads_rows = True

    def get_queryset(self) -> Any:
        if "pk" not in self.kwargs:
            return self.queryset
        return get_object_or_404(Member, pk=self.kwargs["pk"]).readings.all()


_note: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("members/<uuid:pk>/notes", NoteViewSet.as_view({"get": "list", "post": "create"})),
    path("members/<uuid:pk>/notes/<uuid:note_id>", NoteViewSet.as_view(_note)),
    path("members/<uuid:pk>/confidential", DetailsView.as_view()),
    path("members/<uuid:pk>/readings", ReadingViewSet.as_view({"get": "list"})),
]
