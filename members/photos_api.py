"""The photo of a person over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import creates
from core.api.serializers import Serializer
from core.api.views import AreaView, gone_is_absent
from files.uploads import count_upload
from files.urls import file_url

from . import photos
from .models import Member


def photo_url(member: Member) -> str | None:
    """An address of the person's photo that is good for five minutes; None for who has none."""
    return file_url(member.photo) if member.photo else None


class PhotoUploadSerializer(Serializer):
    """A picture (JPEG, PNG, GIF, WebP). It is made anew, 1,600 pixels wide or high at most, without what it
    says of place and camera.
    """

    file = serializers.FileField(allow_empty_file=True)


class PhotoSerializer(Serializer):
    photo_url = serializers.CharField()


class PhotoView(AreaView):
    """The photo of a person."""

    area = "members"
    permission_actions = {"DELETE": "write"}
    parser_classes = (MultiPartParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            count_upload(request)

    @extend_schema(
        operation_id="members_set_photo",
        request={"multipart/form-data": PhotoUploadSerializer},
        responses={201: PhotoSerializer},
    )
    @creates
    def post(self, request: Request, pk: UUID) -> Response:
        """Gives the person a photo, in place of the one they have. Ten in a minute at most."""
        member = get_object_or_404(Member, pk=pk)
        upload = PhotoUploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        user: Any = request.user
        with gone_is_absent():
            member = photos.set_photo(member=member, content=upload.validated_data["file"], user=user)
        return Response({"photo_url": photo_url(member)}, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="members_remove_photo", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Takes the photo away; who has none, stays without."""
        with gone_is_absent():
            photos.remove_photo(member=get_object_or_404(Member, pk=pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


urlpatterns = [path("members/<uuid:pk>/photo", PhotoView.as_view())]
