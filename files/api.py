"""Files over the API."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from django.http import Http404
from django.urls import path
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import FilterSet
from core.api.idempotency import creates
from core.api.parsers import JSONParser
from core.api.serializers import CANONICAL_UUID, ModelSerializer, Serializer, TimeField
from core.api.views import AreaView, AreaViewSet

from . import domain
from .models import StoredFile
from .uploads import count_upload
from .urls import SECONDS, file_url

UPLOAD: dict[str, Any] = {"post": "create"}


class StoredFileSerializer(ModelSerializer):
    """One file of a list. ``content_type`` was found in its bytes; ``size`` is in bytes."""

    class Meta:
        model = StoredFile
        fields = ["id", "name", "content_type", "size", "purpose", "uploaded_by", "created_at", "updated_at"]
        read_only_fields = fields


class FileWithUrlSerializer(StoredFileSerializer):
    """One file. ``url`` is good for five minutes, without a token: a path on this host, or an address at the
    store of files.
    """

    url = serializers.SerializerMethodField()

    class Meta(StoredFileSerializer.Meta):
        fields = [*StoredFileSerializer.Meta.fields, "url"]
        read_only_fields = fields

    def get_url(self, file: StoredFile) -> str:
        return file_url(file)


class FileUploadSerializer(Serializer):
    """Pictures (JPEG, PNG, GIF, WebP) are made anew, without what they say of place and camera; also taken
    are PDF, office documents, text, sound and film. What counts are the bytes, not the name.
    """

    file = serializers.FileField(allow_empty_file=True)
    purpose = serializers.ChoiceField(choices=StoredFile.Purpose.choices, default=StoredFile.Purpose.DOCUMENT)


class SignedUrlSerializer(Serializer):
    """``url`` is a path on this host, or an address at the store of files."""

    url = serializers.CharField()
    expires_at = TimeField()


class SignedUrlQuery(Serializer):
    """Exactly what the description says, and none of the other spellings that DRF would take."""

    id = serializers.RegexField(rf"\A{CANONICAL_UUID.pattern}\Z", trim_whitespace=False)
    download = serializers.ChoiceField(choices=["true", "false"], default="false")


class StoredFileFilter(FilterSet):
    search = filters.CharFilter(field_name="name", lookup_expr="icontains", label="Part of the name")

    class Meta:
        model = StoredFile
        fields = ["purpose", "content_type"]


class FileViewSet(AreaViewSet):
    """The files of the church, the newest first."""

    area = "files"
    permission_actions = {"destroy": "write"}
    queryset = StoredFile.objects.all()
    serializer_class = StoredFileSerializer
    filterset_class = StoredFileFilter
    ordering_fields = ["created_at", "name", "size"]
    reads_rows = True
    parser_classes = (MultiPartParser,)
    further_statuses = ("503",)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action == "create":
            count_upload(request)

    def get_parsers(self) -> list[Any]:
        # What takes no body takes any, as of JSON.
        uploads = getattr(self, "action_map", None) in (None, UPLOAD)
        return super().get_parsers() if uploads else [JSONParser()]

    def get_serializer_class(self) -> type[ModelSerializer]:
        return StoredFileSerializer if self.action == "list" else FileWithUrlSerializer

    @extend_schema(
        operation_id="files_upload",
        request={"multipart/form-data": FileUploadSerializer},
        responses={201: FileWithUrlSerializer},
    )
    @creates
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Takes a file in. Ten in a minute at most; 400 when the church's room for files is used up."""
        upload = FileUploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        content = upload.validated_data["file"]
        user: Any = request.user
        file = domain.store_file(
            content=content, name=content.name, purpose=upload.validated_data["purpose"], user=user
        )
        data = FileWithUrlSerializer(file).data
        return Response(data, status=status.HTTP_201_CREATED, headers={"Location": f"/api/files/{file.pk}"})

    def perform_destroy(self, instance: StoredFile) -> None:
        domain.discard_file(file=instance)


class SignedUrlView(AreaView):
    """Addresses by which a file can be fetched without a token."""

    area = "files"

    @extend_schema(
        operation_id="files_signed_url",
        parameters=[
            OpenApiParameter("id", {"type": "string", "format": "uuid"}, required=True),
            OpenApiParameter("download", bool, description="Save pictures too instead of showing them"),
        ],
        responses=SignedUrlSerializer,
    )
    def get(self, request: Request) -> Response:
        """An address that is good for five minutes."""
        query = SignedUrlQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        file = StoredFile.objects.filter(pk=query.validated_data["id"]).first()
        if file is None:
            raise Http404
        until = datetime.fromtimestamp(int(time.time()) + SECONDS, UTC)
        url = file_url(file, download=query.validated_data["download"] == "true")
        return Response(SignedUrlSerializer({"url": url, "expires_at": until}).data)


urlpatterns = [
    path("files", FileViewSet.as_view({"get": "list"})),
    path("files/upload", FileViewSet.as_view(UPLOAD)),
    path("files/signed-url", SignedUrlView.as_view()),
    path("files/<uuid:pk>", FileViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
]
