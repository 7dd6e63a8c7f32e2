"""A person's history over the API, and taking changes back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.history import HistoryEntrySerializer, HistoryViewSet
from core.api.problems import ConflictError
from core.api.serializers import Serializer
from core.api.views import AreaView, gone_is_absent
from core.history_reading import Reader
from core.models import HistoryEntry
from members.api import MemberSerializer
from members.models import Member

from . import domain
from .deleted import deletion_of
from .visibility import entries_for, may_read_history_of, reader_for


class PutBackSerializer(Serializer):
    even_if_changed = serializers.BooleanField(
        default=False, help_text="Also fields that have changed since; without it the answer is then 409"
    )


class MemberHistoryViewSet(HistoryViewSet):
    """Who changed what about a person, when and from where."""

    area = "members"
    permission_actions = {"list": "write"}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return HistoryEntry.objects.none()
        member_id: UUID = self.kwargs["pk"]
        if not may_read_history_of(self.request.user, member_id):
            raise Http404
        return entries_for(self.request.user, member_id)

    def reader(self) -> Reader:
        return reader_for(self.request.user)

    @extend_schema(operation_id="members_history", responses=HistoryEntrySerializer(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first. Of a person who was deleted, for those with members:delete."""
        return super().list(request, *args, **kwargs)


class PutBackView(AreaView):
    """Takes one change of a person back."""

    area = "members"

    @extend_schema(
        operation_id="members_history_restore", request=PutBackSerializer, responses=MemberSerializer
    )
    def post(self, request: Request, pk: UUID, entry_id: UUID) -> Response:
        """Gives the fields of the entry the values that they had before it.

        409 where one of them has changed since, unless `even_if_changed` is true.
        """
        data = PutBackSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        member = get_object_or_404(Member, pk=pk)
        entry = get_object_or_404(entries_for(request.user, pk), pk=entry_id)
        try:
            with gone_is_absent():
                member = domain.put_back(member=member, entry=entry, user=request.user, **data.validated_data)
        except domain.ChangedSinceError as error:
            text = _("Changed since: %(fields)s.") % {"fields": ", ".join(error.labels)}
            raise ConflictError(text) from error
        return Response(MemberSerializer(member).data)


class RestoreView(AreaView):
    """Makes a person again who was deleted."""

    area = "members"
    permission_actions = {"POST": "delete"}

    @extend_schema(operation_id="members_restore", request=None, responses=MemberSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """With the same id, values, tags and households; notes cannot come back.

        409 while the person is there. 404 for those who were erased or went into another person.
        """
        with transaction.atomic():
            if Member.objects.filter(pk=pk).exists():
                raise ConflictError(_("This person is there; nothing is to be restored."))
            entry = deletion_of(pk)
            if entry is None:
                raise Http404
            member = domain.restore_member(entry=entry)
        return Response(MemberSerializer(member).data)


urlpatterns = [
    path("members/<uuid:pk>/history", MemberHistoryViewSet.as_view({"get": "list"})),
    path("members/<uuid:pk>/history/<uuid:entry_id>/restore", PutBackView.as_view()),
    path("members/<uuid:pk>/restore", RestoreView.as_view()),
]
