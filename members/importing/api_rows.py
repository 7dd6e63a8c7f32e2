"""What became of the rows of an import, over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response

from core.api.filters import Filters, FilterSet
from core.api.serializers import ModelSerializer, Serializer
from core.api.views import AreaViewSet
from members.models import MemberImport, MemberImportRow

from .reports import names_of


class RowProblemSerializer(Serializer):
    field = serializers.CharField(help_text="Empty when the whole row is meant.")
    message = serializers.CharField()


class ImportRowSerializer(ModelSerializer):
    """``name`` is the person's now, or what the row said. ``before`` and ``after`` hold the values of the
    fields that the row changed; of a new person ``after`` is all that is known. ``undone`` is what an undo
    did, ``spared`` what it left and why.
    """

    name = serializers.SerializerMethodField()
    changed = serializers.ListField(child=serializers.CharField(), read_only=True)
    before = serializers.DictField(read_only=True)
    after = serializers.DictField(read_only=True)
    errors = RowProblemSerializer(many=True, read_only=True)  # type: ignore[assignment]  # hides what only input needs
    spared = RowProblemSerializer(many=True, read_only=True)

    class Meta:
        model = MemberImportRow
        fields = [
            "row", "fate", "member_id", "name", "changed", "before", "after", "errors", "undone", "spared",
        ]  # fmt: skip
        read_only_fields = fields

    def get_name(self, row: MemberImportRow) -> str:
        names: dict[int, str] = self.context.get("names", {})
        return names.get(row.row, "")


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

    def get_queryset(self) -> Any:
        if "pk" not in self.kwargs:
            return self.queryset
        self.member_import = get_object_or_404(MemberImport, pk=self.kwargs["pk"])
        return self.member_import.rows.order_by("row")

    def page_of(self, queryset: Any) -> Response:
        page = self.paginate_queryset(queryset) or []
        context = {**self.get_serializer_context(), "names": names_of(self.member_import, page)}
        return self.get_paginated_response(ImportRowSerializer(page, many=True, context=context).data)
