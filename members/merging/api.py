"""Possible duplicates, merging and undoing, over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import Ordering
from core.api.idempotency import creates
from core.api.problems import ConflictError
from core.api.serializers import CANONICAL_UUID, ModelSerializer, Serializer, TimeField
from core.api.views import AreaViewSet, GenericAreaView, gone_is_absent
from members.models import Member, MemberMerge

from . import domain
from .choices import ABSORBED, BOTH, SURVIVOR, VALUE
from .duplicates import REASONS, Pair, find_duplicates
from .undoing import NotUndoableError, undo_merge

# A merge takes one of two rows away, and may see all that is known of both.
MERGING = "members:delete"


class CandidateSerializer(ModelSerializer):
    class Meta:
        model = Member
        fields = ["id", "first_name", "last_name", "email", "phone"]
        read_only_fields = fields


class PairSerializer(Serializer):
    """Two people who may be one."""

    first = CandidateSerializer()
    second = CandidateSerializer()
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=[(name, name) for name in REASONS]))
    score = serializers.IntegerField(min_value=1, max_value=100)


class NotDuplicatesSerializer(Serializer):
    first = serializers.UUIDField()
    second = serializers.UUIDField()


class SaidSerializer(NotDuplicatesSerializer):
    id = serializers.UUIDField()


def with_people(pairs: list[Pair]) -> list[dict[str, Any]]:
    """``pairs`` as the API shows them; without those of whom somebody is gone meanwhile."""
    ids = {key for pair in pairs for key in (pair.first, pair.second)}
    known = Member.objects.in_bulk(ids)
    return [
        {
            "first": known[pair.first],
            "second": known[pair.second],
            "reasons": pair.reasons,
            "score": pair.score,
        }
        for pair in pairs
        if pair.first in known and pair.second in known
    ]


class DuplicatesViewSet(AreaViewSet):
    """People who may be in the list twice."""

    area = "members"
    # For those who do something about it.
    permission_actions = {"list": "write"}
    serializer_class = PairSerializer
    queryset = Member.objects.none()
    filter_backends = []

    @extend_schema(operation_id="members_duplicates_list")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Pairs of people, the likeliest first; without those of whom was said that they are two."""
        page: Any = self.paginate_queryset(find_duplicates())
        return self.get_paginated_response(PairSerializer(with_people(page), many=True).data)


class NotDuplicatesView(GenericAreaView):
    """Two people who are two."""

    area = "members"
    serializer_class = NotDuplicatesSerializer

    @extend_schema(operation_id="members_not_duplicates", responses={201: SaidSerializer})
    @creates
    def post(self, request: Request) -> Response:
        """Says that two people are two, so that they are not offered again."""
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        user: Any = request.user
        first, second = (
            get_object_or_404(Member, pk=data.validated_data[name]) for name in ("first", "second")
        )
        with gone_is_absent():
            said = domain.say_not_duplicates(first=first, second=second, user=user)
        return Response({"id": said.pk, "first": said.first_id, "second": said.second_id}, status=201)


class MergeInputSerializer(Serializer):
    member_id = serializers.UUIDField(help_text="Who goes.")
    choices = serializers.DictField(
        required=False,
        help_text="Field -> `survivor`, `absorbed` or another value; for `tags` also `both`. A field of the "
        "church's own is `custom_fields.<key>`. What is not named keeps the value of who stays, unless that "
        "is empty.",
    )


class MergeSerializer(ModelSerializer):
    """``can_be_undone_until`` is null when that is over or done."""

    merged_by_name = serializers.SerializerMethodField()
    can_be_undone_until = serializers.SerializerMethodField()

    class Meta:
        model = MemberMerge
        fields = [
            "id", "survivor_id", "absorbed_id", "absorbed_name", "merged_by", "merged_by_name", "created_at",
            "can_be_undone_until", "undone_at",
        ]  # fmt: skip
        read_only_fields = fields

    survivor_id = serializers.UUIDField(read_only=True)

    def get_merged_by_name(self, merge: MemberMerge) -> str:
        return str(merge.merged_by or "")

    @extend_schema_field(TimeField(allow_null=True))
    def get_can_be_undone_until(self, merge: MemberMerge) -> Any:
        return TimeField().to_representation(domain.can_be_undone_until(merge))


class NamedPersonSerializer(ModelSerializer):
    class Meta:
        model = Member
        fields = ["id", "first_name", "last_name"]
        read_only_fields = fields


class FieldChoiceSerializer(Serializer):
    """One field of both, whose value is kept, and that value."""

    field = serializers.CharField()
    survivor = serializers.JSONField(allow_null=True)
    absorbed = serializers.JSONField(allow_null=True)
    choice = serializers.ChoiceField(choices=[(name, name) for name in (SURVIVOR, ABSORBED, BOTH, VALUE)])
    value = serializers.JSONField(allow_null=True)


class MergePreviewSerializer(Serializer):
    survivor = NamedPersonSerializer()
    absorbed = NamedPersonSerializer()
    fields = FieldChoiceSerializer(many=True)  # type: ignore[assignment]  # DRF takes it off the class


class MergeView(GenericAreaView):
    """Two entries that are one person."""

    area = "members"
    permission_actions = dict.fromkeys(("GET", "HEAD", "POST"), MERGING)
    serializer_class = MergeInputSerializer
    queryset = Member.objects.all()

    @extend_schema(
        operation_id="members_merge_preview",
        parameters=[OpenApiParameter("with", UUID, required=True, description="Who would go")],
        responses=MergePreviewSerializer,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """What a merge would make of two people, field by field."""
        user: Any = request.user
        survivor, other = self.get_object(), request.query_params.get("with", "")
        if not CANONICAL_UUID.fullmatch(other):
            raise serializers.ValidationError({"with": [_("This must be a UUID.")]})
        absorbed = get_object_or_404(Member, pk=other)
        preview = domain.preview_merge(survivor=survivor, absorbed=absorbed, user=user)
        return Response(MergePreviewSerializer(preview).data)

    @extend_schema(operation_id="members_merge", responses={201: MergeSerializer})
    @creates
    def post(self, request: Request, pk: UUID) -> Response:
        """Merges another person into this one; can be undone for 30 days."""
        user: Any = request.user
        survivor = self.get_object()
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        absorbed = get_object_or_404(Member, pk=data.validated_data["member_id"])
        with gone_is_absent():
            merge = domain.merge_members(
                survivor=survivor,
                absorbed=absorbed,
                choices=data.validated_data.get("choices"),
                user=user,
            )
        return Response(MergeSerializer(merge).data, status=201)


@extend_schema_view(list=extend_schema(operation_id="members_merges_list"))
class MergesViewSet(AreaViewSet):
    """The merges of the church, the latest first."""

    area = "members"
    permission_actions = {"list": MERGING, "undo": MERGING}
    serializer_class = MergeSerializer
    queryset = domain.listed_merges()
    filter_backends = [Ordering]
    ordering_fields = ["created_at"]

    @extend_schema(operation_id="members_merge_undo", request=None, responses=MergeSerializer)
    def undo(self, request: Request, pk: UUID) -> Response:
        """Makes two people of one again; 409 when it is too late, or done already."""
        user: Any = request.user
        merge = self.get_object()
        try:
            with gone_is_absent():
                undo_merge(merge=merge, user=user)
        except NotUndoableError as refusal:
            raise ConflictError(str(refusal)) from refusal
        return Response(MergeSerializer(self.get_object()).data)


urlpatterns = [
    path("members/duplicates", DuplicatesViewSet.as_view({"get": "list"})),
    path("members/not-duplicates", NotDuplicatesView.as_view()),
    path("members/merges", MergesViewSet.as_view({"get": "list"})),
    path("members/merges/<uuid:pk>/undo", MergesViewSet.as_view({"post": "undo"})),
    path("members/<uuid:pk>/merge", MergeView.as_view()),
]
