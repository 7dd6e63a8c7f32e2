"""Imports of people over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import Filters, FilterSet
from core.api.idempotency import creates
from core.api.serializers import ModelSerializer, Serializer
from core.api.views import AreaViewSet
from core.rate_limits import Limit, count
from members.models import MemberImport, MemberImportRow

from . import domain
from .reading import LARGEST_FILE

UPLOAD_LIMIT = Limit("upload", 10, 60)
# What a multipart body holds besides the file.
ALLOWANCE = 1024 * 1024
ROWS_WITH_ERRORS_SHOWN = 500


def import_url(member_import: MemberImport) -> str:
    return f"/api/members/imports/{member_import.pk}"


@extend_schema_field(
    {
        "type": "string",
        "description": "JSON object: name of a column -> field of a person (`address.city`, "
        "`custom_fields.shirt size` …), or null to ignore the column. Columns that are not named "
        "keep the meaning of their name.",
    }
)
class MappingField(serializers.Field[Any, Any, Any, Any]):
    """A JSON object of texts and nulls, given as text."""

    def to_internal_value(self, data: Any) -> dict[str, str | None]:
        try:
            value = orjson.loads(data or "{}")
        except (orjson.JSONDecodeError, TypeError) as error:
            raise serializers.ValidationError(_("This is not JSON.")) from error
        if not isinstance(value, dict) or not all(isinstance(v, str | None) for v in value.values()):
            raise serializers.ValidationError(_("Give an object of column: field, or column: null."))
        return value

    def to_representation(self, value: Any) -> Any:
        return value


class UploadSerializer(Serializer):
    """CSV of at most 20 MB and 100,000 rows: UTF-8, UTF-16 or Windows-1252, any usual delimiter."""

    file = serializers.FileField(allow_empty_file=True)
    mapping = MappingField(required=False)
    external_key = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=255,
        help_text="Name of the column with the person's key in another system.",
    )
    dry_run = serializers.BooleanField(default=False, help_text="Says what would happen, saves nothing.")


class AcceptedSerializer(Serializer):
    """Work that goes on in the background; ``url`` shows how far it is."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=MemberImport.Status.choices)
    url = serializers.CharField()


class ColumnSerializer(Serializer):
    column = serializers.CharField()
    fields = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # DRF takes it off the class


class RowErrorSerializer(Serializer):
    """``row`` counts as a spreadsheet does: the line with the columns' names is 1."""

    row = serializers.IntegerField()
    field = serializers.CharField(help_text="Empty when the whole row is meant.")
    message = serializers.CharField()


class ImportSummarySerializer(ModelSerializer):
    url = serializers.SerializerMethodField()
    created_by_name = serializers.SerializerMethodField()

    class Meta:
        model = MemberImport
        fields = [
            "id", "status", "url", "dry_run", "file_name", "rows_total", "rows_done",
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

    class Meta(ImportSummarySerializer.Meta):
        fields = [
            *ImportSummarySerializer.Meta.fields,
            "external_key", "columns", "ignored_columns", "errors", "errors_omitted",
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


class ImportFilter(FilterSet):
    class Meta:
        model = MemberImport
        fields = ["status", "dry_run"]


class ImportViewSet(AreaViewSet):
    """Imports of people, the newest first."""

    area = "members"
    # Rows and errors show what the file says of people; they are for those who may import.
    permission_actions = {"list": "write", "retrieve": "write"}
    queryset = MemberImport.objects.select_related("created_by")
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    ordering_fields = ["created_at", "finished_at"]
    parser_classes = (MultiPartParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            count(UPLOAD_LIMIT, str(request.user.pk))
            # Before the body is read, so that nobody fills the disk with it.
            length = request.META.get("CONTENT_LENGTH") or "0"
            if length.isdigit() and int(length) > LARGEST_FILE + ALLOWANCE:
                raise serializers.ValidationError({"file": [_("The file is larger than 20 MB.")]})

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
        upload = UploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        data = upload.validated_data
        file = data.pop("file")
        if file.size > LARGEST_FILE:
            raise serializers.ValidationError({"file": [_("The file is larger than 20 MB.")]})
        user: Any = request.user
        started = domain.start_import(content=file.read(), file_name=file.name, user=user, **data)
        url = import_url(started)
        return Response(
            {"id": started.pk, "status": started.status, "url": url},
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": url},
        )


class ImportRowSerializer(ModelSerializer):
    errors = serializers.JSONField(read_only=True)  # type: ignore[assignment]  # hides what only input needs

    class Meta:
        model = MemberImportRow
        fields = ["row", "fate", "member_id", "changed", "errors"]
        read_only_fields = fields


class ImportRowFilter(FilterSet):
    fate = filters.ChoiceFilter(choices=MemberImportRow.Fate.choices)


@extend_schema_view(
    list=extend_schema(
        parameters=[OpenApiParameter("pk", UUID, OpenApiParameter.PATH, description="The import")]
    )
)
class ImportRowViewSet(AreaViewSet):
    """What became of each row, or in a trial run would; kept for 90 days."""

    area = "members"
    permission_actions = {"list": "write"}
    queryset = MemberImportRow.objects.none()
    serializer_class = ImportRowSerializer
    filter_backends = [Filters]
    filterset_class = ImportRowFilter
    reads_rows = True

    def get_queryset(self) -> Any:
        if "pk" not in self.kwargs:
            return self.queryset
        return get_object_or_404(MemberImport, pk=self.kwargs["pk"]).rows.order_by("row")


urlpatterns = [
    path("members/import", ImportViewSet.as_view({"post": "create"})),
    path("members/imports", ImportViewSet.as_view({"get": "list"})),
    path("members/imports/<uuid:pk>", ImportViewSet.as_view({"get": "retrieve"})),
    path("members/imports/<uuid:pk>/rows", ImportRowViewSet.as_view({"get": "list"})),
]
