"""Imports of people over the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import FilterSet
from core.api.idempotency import creates
from core.api.parsers import JSONParser
from core.api.problems import ConflictError
from core.api.serializers import ModelSerializer, Serializer, TimeField
from core.api.views import AreaView, AreaViewSet
from members.models import MemberImport

from . import domain, undo
from .api_rows import ImportRowViewSet
from .api_uploads import (
    FilePreviewSerializer,
    FileSerializer,
    ImportFieldSerializer,
    ImportFieldsSerializer,
    UploadSerializer,
    refuse_large_body,
    uploaded,
)
from .failed_rows import failed_rows_file
from .fields import choices
from .own_fields import own_fields
from .preview import preview_of

ROWS_WITH_ERRORS_SHOWN = 500
UPLOAD: dict[str, Any] = {"post": "create"}
PREVIEW: dict[str, Any] = {"post": "preview"}
# Drafts are of the pages alone.
RUN_STATUSES = [choice for choice in MemberImport.Status.choices if choice[0] != MemberImport.Status.DRAFT]
UNDO_STATUSES = ["running", "done"]


def import_url(member_import: MemberImport) -> str:
    return f"/api/members/imports/{member_import.pk}"


class AcceptedSerializer(Serializer):
    """Work that goes on in the background; ``url`` shows how far it is."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=RUN_STATUSES)
    url = serializers.CharField()


def accepted(member_import: MemberImport) -> Response:
    url = import_url(member_import)
    return Response(
        {"id": member_import.pk, "status": member_import.status, "url": url},
        status=status.HTTP_202_ACCEPTED,
        headers={"Location": url},
    )


@contextmanager
def conflicts() -> Iterator[None]:
    """What an import's state does not allow is 409."""
    try:
        yield
    except domain.NotPossibleError as error:
        raise ConflictError(str(error)) from error


class ColumnSerializer(Serializer):
    column = serializers.CharField()
    fields = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # DRF takes it off the class


class RowErrorSerializer(Serializer):
    """``row`` counts as a spreadsheet does: the line with the columns' names is 1."""

    row = serializers.IntegerField()
    field = serializers.CharField(help_text="Empty when the whole row is meant.")
    message = serializers.CharField()


class UndoSerializer(Serializer):
    """How far an undo is. ``removed`` are people who are gone again, ``restored`` rows that were set back,
    ``spared`` rows of which something was left, because it was changed since; null without an undo.
    """

    status = serializers.ChoiceField(choices=UNDO_STATUSES)
    asked_at = TimeField()
    undone_at = TimeField(allow_null=True)
    removed = serializers.IntegerField()
    restored = serializers.IntegerField()
    spared = serializers.IntegerField()
    remaining = serializers.IntegerField(help_text="Rows that are still to be undone.")


class ImportSummarySerializer(ModelSerializer):
    url = serializers.SerializerMethodField()
    status = serializers.ChoiceField(choices=RUN_STATUSES, read_only=True)
    created_by_name = serializers.SerializerMethodField()

    class Meta:
        model = MemberImport
        fields = [
            "id", "status", "url", "dry_run", "start_sequences", "file_name", "rows_total", "rows_done",
            "created", "updated", "unchanged", "failed", "failure",
            "created_by", "created_by_name", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_url(self, member_import: MemberImport) -> str:
        return import_url(member_import)

    def get_created_by_name(self, member_import: MemberImport) -> str:
        return str(member_import.created_by or "")


class ImportSerializer(ImportSummarySerializer):
    columns = ColumnSerializer(many=True, read_only=True)
    ignored_columns = serializers.ListField(child=serializers.CharField(), read_only=True)
    errors = serializers.SerializerMethodField()  # type: ignore[assignment]  # hides what only input needs
    errors_omitted = serializers.SerializerMethodField()
    undo = serializers.SerializerMethodField()

    class Meta(ImportSummarySerializer.Meta):
        fields = [
            *ImportSummarySerializer.Meta.fields,
            "external_key", "columns", "ignored_columns", "errors", "errors_omitted", "undo",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(RowErrorSerializer(many=True))
    def get_errors(self, member_import: MemberImport) -> list[dict[str, Any]]:
        return [
            {"row": row, **error}
            for row, errors in member_import.failed_rows()[:ROWS_WITH_ERRORS_SHOWN]
            for error in errors
        ]

    def get_errors_omitted(self, member_import: MemberImport) -> int:
        """Failed rows that ``errors`` does not list; ``…/rows?fate=failed`` lists all."""
        return max(0, member_import.failed - ROWS_WITH_ERRORS_SHOWN)

    @extend_schema_field(UndoSerializer(allow_null=True))
    def get_undo(self, member_import: MemberImport) -> dict[str, Any] | None:
        progress = undo.progress_of(member_import)
        return None if progress is None else UndoSerializer(progress).data


class ImportFilter(FilterSet):
    status = filters.ChoiceFilter(choices=RUN_STATUSES)

    class Meta:
        model = MemberImport
        fields = ["status", "dry_run"]


class ImportViewSet(AreaViewSet):
    """Imports of people, the newest first."""

    area = "members"
    # Rows and errors show what the file says of people; they are for those who may import.
    permission_actions = {"list": "write", "retrieve": "write", "failed_rows": "write"}
    queryset = MemberImport.objects.exclude(status=MemberImport.Status.DRAFT).select_related("created_by")
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    ordering_fields = ["created_at", "finished_at"]
    parser_classes = (MultiPartParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and self.action in {"create", "preview"}:
            refuse_large_body(request)

    def get_parsers(self) -> list[Any]:
        # An action of an import needs no body; any is taken, as of JSON.
        uploads = getattr(self, "action_map", None) in (None, UPLOAD, PREVIEW)
        return super().get_parsers() if uploads else [JSONParser()]

    def get_serializer_class(self) -> type[ModelSerializer]:
        return ImportSummarySerializer if self.action == "list" else ImportSerializer

    @extend_schema(
        operation_id="members_import",
        request={"multipart/form-data": UploadSerializer},
        responses={202: AcceptedSerializer},
    )
    @creates
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Takes a list of people in and imports it in the background."""
        data = uploaded(UploadSerializer, request)
        file = data.pop("file")
        user: Any = request.user
        return accepted(domain.start_import(content=file.read(), file_name=file.name, user=user, **data))

    @extend_schema(
        operation_id="members_import_preview",
        request={"multipart/form-data": FileSerializer},
        responses=FilePreviewSerializer,
    )
    def preview(self, request: Request) -> Response:
        """Says what a list of people seems to be, and which field each column would fill; keeps nothing."""
        user: Any = request.user
        found = preview_of(uploaded(FileSerializer, request)["file"].read(), user=user)
        return Response(FilePreviewSerializer(found).data)

    @extend_schema(operation_id="members_imports_run", request=None, responses={202: AcceptedSerializer})
    @creates
    def run(self, request: Request, pk: str) -> Response:
        """Carries a trial run out: imports its file, with its columns, as a new import.

        Possible once, within a day of the trial's end; after that 409.
        """
        user: Any = request.user
        with conflicts():
            return accepted(domain.carry_out(member_import=self.get_object(), user=user))

    @extend_schema(operation_id="members_imports_undo", request=None, responses={202: AcceptedSerializer})
    def undo(self, request: Request, pk: str) -> Response:
        """Takes an import back in the background: removes the people that it made and sets back the fields
        that it changed, but for what was changed since. Asking again changes nothing.

        Possible for 90 days; 409 for a trial run and for an import that is not finished.
        """
        user: Any = request.user
        with conflicts():
            undo.ask_for_undo(member_import=self.get_object(), user=user)
        return accepted(self.get_object())

    @extend_schema(
        operation_id="members_imports_failed_rows",
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def failed_rows(self, request: Request, pk: str) -> HttpResponse:
        """The rows with errors as CSV (UTF-8 with a mark): the columns of the file, ``Row`` and ``Problem``.

        Can be mended and sent again as it is. Kept for 90 days.
        """
        return failed_rows_file(self.get_object())


class ImportFieldsView(AreaView):
    """What a column of a list can fill."""

    area = "members"
    permission_actions = {"GET": "write"}

    @extend_schema(operation_id="members_import_fields", responses=ImportFieldsSerializer)
    def get(self, request: Request) -> Response:
        """The fields that a column can fill, the church's own ones included, with their names for people."""
        return Response({"fields": ImportFieldSerializer(choices(own_fields(request.user)), many=True).data})


urlpatterns = [
    path("members/import", ImportViewSet.as_view(UPLOAD)),
    path("members/import/preview", ImportViewSet.as_view(PREVIEW)),
    path("members/import/fields", ImportFieldsView.as_view()),
    path("members/imports", ImportViewSet.as_view({"get": "list"})),
    path("members/imports/<uuid:pk>", ImportViewSet.as_view({"get": "retrieve"})),
    path("members/imports/<uuid:pk>/run", ImportViewSet.as_view({"post": "run"})),
    path("members/imports/<uuid:pk>/undo", ImportViewSet.as_view({"post": "undo"})),
    path("members/imports/<uuid:pk>/failed-rows", ImportViewSet.as_view({"get": "failed_rows"})),
    path("members/imports/<uuid:pk>/rows", ImportRowViewSet.as_view({"get": "list"})),
]
