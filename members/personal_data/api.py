"""Everything about a person over the API, and erasing it; for administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.confirming import confirm_password
from core.api.serializers import Serializer, TimeField
from core.api.views import AreaView, gone_is_absent
from members.models import Member

from . import domain


class SectionSerializer(Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    labels = serializers.DictField(
        child=serializers.CharField(), help_text="Name of a column and what it is called"
    )
    rows = serializers.ListField(child=serializers.DictField())


class PersonalDataSerializer(Serializer):
    """Everything that the church knows of a person."""

    id = serializers.UUIDField()
    compiled_at = TimeField()
    sections = SectionSerializer(many=True)


class ErasureSerializer(Serializer):
    password = serializers.CharField(
        max_length=1024, trim_whitespace=False, help_text="That of the user who asks"
    )
    reason = serializers.CharField(
        max_length=domain.LONGEST_REASON, help_text="Stays in the history, so nothing personal"
    )


class PersonalDataView(AreaView):
    """What a person has a right to be told."""

    area = "members"
    permission_actions = {"GET": domain.NEEDED}

    @extend_schema(operation_id="members_personal_data", responses=PersonalDataSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """What is confidential too; that it was read is written down each time."""
        member = get_object_or_404(Member, pk=pk)
        user: Any = request.user
        return Response(domain.personal_data_of(member=member, user=user))


class EraseView(AreaView):
    """Erasing a person for good."""

    area = "members"
    permission_actions = {"POST": domain.NEEDED}

    @extend_schema(operation_id="members_erase", request=ErasureSerializer, responses={204: None})
    def post(self, request: Request, pk: UUID) -> Response:
        """Takes everything personal out of the church's records. It cannot be undone.

        A person who was deleted before can be erased too. Five wrong passwords in 15 minutes are 429.
        """
        data = ErasureSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        user: Any = request.user
        confirm_password(user=user, password=data.validated_data["password"])
        with gone_is_absent():
            domain.erase_member(member_id=pk, user=user, reason=data.validated_data["reason"])
        return Response(status=status.HTTP_204_NO_CONTENT)


urlpatterns = [
    path("members/<uuid:pk>/personal-data", PersonalDataView.as_view()),
    path("members/<uuid:pk>/erase", EraseView.as_view()),
]
