"""People over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import Filters, FilterSet, TimeFilter, UUIDFilter
from core.api.serializers import ModelSerializer, Serializer
from core.api.views import AreaViewSet

from . import domain
from .confidential.api import urlpatterns as confidential_urlpatterns
from .custom_fields.api import urlpatterns as custom_field_urlpatterns
from .custom_fields.people_api import CustomFieldFilters, CustomValuesField, MemberOrdering, ShowsCustomFields
from .exporting.download import download
from .exporting.files import FORMATS, export_people
from .households.api import urlpatterns as household_urlpatterns
from .importing.api import urlpatterns as import_urlpatterns
from .merging.api import urlpatterns as merging_urlpatterns
from .models import Member
from .photos_api import photo_url
from .photos_api import urlpatterns as photo_urlpatterns
from .saved_lists.api import urlpatterns as saved_list_urlpatterns
from .saved_lists.reading import list_for, people_on


class MemberSerializer(ModelSerializer):
    email = serializers.EmailField(max_length=255, required=False, allow_blank=True)
    address = serializers.DictField(
        child=serializers.CharField(max_length=255, allow_blank=True), required=False
    )
    mailing_address = serializers.DictField(
        child=serializers.CharField(max_length=255, allow_blank=True), required=False
    )
    custom_fields = CustomValuesField()
    tags = serializers.ListField(
        child=serializers.CharField(max_length=domain.LONGEST_TAG),
        required=False,
        max_length=domain.MOST_TAGS,
    )

    class Meta:
        model = Member
        fields = [
            "id",
            "first_name",
            "middle_name",
            "last_name",
            "prefix",
            "suffix",
            "nickname",
            "email",
            "phone",
            "home_phone",
            "work_phone",
            "address",
            "mailing_address",
            "gender",
            "marital_status",
            "birth_date",
            "membership_status",
            "baptized_date",
            "household_key",
            "household_role",
            "tags",
            "custom_fields",
            "external_key",
            "timezone",
            "created_at",
            "updated_at",
        ]
        # The door says whether a key is taken, under a lock.
        validators: list[Any] = []


# What answers a person as their own address does; lists are read without their photos.
ONE_PERSON = {"create", "retrieve", "update", "partial_update"}


class MemberWithPhotoSerializer(MemberSerializer):
    """``photo_url`` is good for five minutes, without a token: a path on this host, or an address at the
    store of files.
    """

    photo_url = serializers.SerializerMethodField()

    class Meta(MemberSerializer.Meta):
        fields = [*MemberSerializer.Meta.fields, "photo_url"]

    def get_photo_url(self, member: Member) -> str | None:
        return photo_url(member)


class TagsSerializer(Serializer):
    tags = serializers.ListField(
        child=serializers.CharField(max_length=domain.LONGEST_TAG),
        allow_empty=False,
        max_length=domain.MOST_TAGS,
    )


class MemberFilter(FilterSet):
    search = filters.CharFilter(method="by_text", label="Words of name, email, phone or tags")
    tag = filters.CharFilter(method="by_tag", label="A tag, exactly as written")
    email = filters.CharFilter(lookup_expr="iexact")
    created_after = TimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = TimeFilter(field_name="created_at", lookup_expr="lt")
    list = UUIDFilter(method="by_list", label="Who is on a saved list")
    updated_after = TimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Member
        fields = [
            "first_name",
            "last_name",
            "email",
            "phone",
            "membership_status",
            "gender",
            "marital_status",
            "birth_date",
            "household_key",
            "external_key",
        ]

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)

    def by_tag(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.tagged(value)

    def by_list(self, queryset: Any, name: str, value: UUID) -> Any:
        user: Any = self.request.user
        saved_list = list_for(user, value)
        if saved_list is None:
            raise ValidationError({name: [_("There is no such list.")]})
        return queryset & people_on(saved_list, user)


class MemberViewSet(ShowsCustomFields, AreaViewSet):
    """The people of the church.

    Own fields can be filtered by with `custom.` and their key: `custom.shirt=xl` (empty: who has none),
    `custom.shirt.any=l,xl` for choices, `custom.height.from=1.8` and `custom.height.to=2` for numbers and
    dates.
    """

    area = "members"
    # A whole list in one file is more than looking people up.
    permission_actions = {"remove_tag": "write", "export": "write"}
    serializer_class = MemberSerializer
    queryset = Member.objects.all()
    filter_backends = [Filters, CustomFieldFilters, MemberOrdering]
    filterset_class = MemberFilter
    ordering_fields = ["first_name", "last_name", "email", "membership_status", "created_at", "updated_at"]
    reads_rows = True
    is_fixed_list = True

    def get_serializer_class(self) -> type[ModelSerializer]:
        return MemberWithPhotoSerializer if self.action in ONE_PERSON else MemberSerializer

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = domain.create_member(**serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = domain.change_member(member=serializer.instance, **serializer.validated_data)

    def perform_destroy(self, instance: Member) -> None:
        domain.remove_member(member=instance)

    @extend_schema(
        operation_id="members_search",
        parameters=[
            OpenApiParameter("q", str, description="What somebody typed; without it, nobody is found")
        ],
        responses=MemberSerializer(many=True),
    )
    def search(self, request: Request) -> Response:
        """People of whom every word begins a word of name, email, phone or tags."""
        queryset: Any = self.filter_queryset(self.get_queryset())
        return self.page_of(queryset.matching(request.query_params.get("q", "")))

    @extend_schema(operation_id="saved_lists_members", responses=MemberSerializer(many=True))
    def on_list(self, request: Request, pk: str) -> Response:
        """The people who are on a saved list now; filters and ordering as for all people."""
        saved_list = list_for(request.user, pk)
        if saved_list is None:
            raise Http404
        return self.page_of(self.filter_queryset(people_on(saved_list, request.user)))

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        if "export" in (getattr(self, "action_map", None) or {}).values():
            # ``format`` names the kind of file here, not the form in which DRF answers.
            renderer = self.get_renderers()[0]
            return renderer, renderer.media_type
        return super().perform_content_negotiation(request, force)

    @extend_schema(
        operation_id="members_export",
        parameters=[
            OpenApiParameter("format", str, enum=list(FORMATS), description="The kind of file", default="csv")
        ],
        responses={
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, FORMATS["xlsx"]): OpenApiTypes.BINARY,
        },
        filters=True,
    )
    def export(self, request: Request) -> StreamingHttpResponse:
        """The people of the list, with the same filters, search and order, as CSV or XLSX.

        Fields of the church's own that the role may not see are left out, and what is confidential is never
        in it. The file can be imported again and then changes nothing.
        """
        file_format = request.query_params.get("format", "csv")
        if file_format not in FORMATS:
            raise serializers.ValidationError({"format": [_("Possible: %s.") % ", ".join(FORMATS)]})
        queryset = self.filter_queryset(self.get_queryset())
        user: Any = request.user
        filters_used = [name for name in request.query_params if name in self.filterset_class.base_filters]
        file = export_people(queryset, file_format=file_format, user=user, filters=filters_used)
        return download(request._request, file, file_format)

    @extend_schema(operation_id="members_add_tags", request=TagsSerializer, responses=MemberSerializer)
    def add_tags(self, request: Request, pk: str) -> Response:
        """Adds tags; those the person has already stay."""
        data = TagsSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        with transaction.atomic():
            member = self.get_object()
            domain.add_tags(member_ids=[member.pk], tags=data.validated_data["tags"])
            member.refresh_from_db()
        return Response(self.get_serializer(member).data)

    @extend_schema(operation_id="members_remove_tag", responses={204: None})
    def remove_tag(self, request: Request, pk: str, tag: str) -> Response:
        """Takes one tag away, in any case; 404 when the person does not have it.

        The tag stands percent-encoded at the end of the address, a slash in it as itself or as %2F.
        """
        with transaction.atomic():
            member = self.get_object()
            if not domain.remove_tags(member_ids=[member.pk], tags=[tag]):
                raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


_people: dict[str, Any] = {"get": "list", "post": "create"}
_person: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("members", MemberViewSet.as_view(_people)),
    path("members/export", MemberViewSet.as_view({"get": "export"})),
    path("members/search", MemberViewSet.as_view({"get": "search"})),
    *import_urlpatterns,
    *custom_field_urlpatterns,
    *household_urlpatterns,
    *confidential_urlpatterns,
    *merging_urlpatterns,
    *saved_list_urlpatterns,
    path("saved-lists/<uuid:pk>/members", MemberViewSet.as_view({"get": "on_list"})),
    *photo_urlpatterns,
    path("members/<uuid:pk>", MemberViewSet.as_view(_person)),
    path("members/<uuid:pk>/tags", MemberViewSet.as_view({"post": "add_tags"})),
    path("members/<uuid:pk>/tags/<path:tag>", MemberViewSet.as_view({"delete": "remove_tag"})),
]
