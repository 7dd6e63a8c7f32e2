"""Households over the API, and in which of them a person is."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import FilterSet, TimeFilter, UUIDFilter
from core.api.idempotency import creates
from core.api.serializers import ModelSerializer, Serializer
from core.api.views import AreaViewSet, gone_is_absent
from members.models import Household, HouseholdMembership, Member

from . import domain
from .reading import effective_addresses, with_people


class AddressField(serializers.DictField):
    """Parts of an address by name: ``line1``, ``city`` …"""

    child = serializers.CharField(max_length=255, allow_blank=True)


class PersonInHouseholdSerializer(ModelSerializer):
    """Somebody of a household; ``id`` is the person's."""

    id = serializers.UUIDField(source="member_id", read_only=True)
    first_name = serializers.CharField(source="member.first_name", read_only=True)
    last_name = serializers.CharField(source="member.last_name", read_only=True)

    class Meta:
        model = HouseholdMembership
        fields = ["id", "first_name", "last_name", "role", "is_primary"]


class HouseholdSummarySerializer(ModelSerializer):
    address = AddressField(required=False)
    mailing_address = AddressField(required=False)
    member_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Household
        fields = [
            "id", "name", "address", "mailing_address", "phone", "external_key", "member_count",
            "created_at", "updated_at",
        ]  # fmt: skip
        # The door says whether a key is taken.
        validators: list[Any] = []


class HouseholdSerializer(HouseholdSummarySerializer):
    member_count = serializers.SerializerMethodField()  # type: ignore[assignment]  # counts who is shown anyway
    members = PersonInHouseholdSerializer(source="memberships", many=True, read_only=True)

    class Meta(HouseholdSummarySerializer.Meta):
        fields = [*HouseholdSummarySerializer.Meta.fields, "members"]

    def get_member_count(self, household: Household) -> int:
        return len(household.memberships.all())


class JoiningSerializer(Serializer):
    """``role`` is free; ``head``, ``spouse``, ``child``, ``grandparent`` and ``other`` are known by
    name. With ``is_primary`` it becomes the person's main household; their first always is.
    """

    member_id = serializers.UUIDField()
    role = serializers.CharField(required=False, allow_blank=True, max_length=50)
    is_primary = serializers.BooleanField(required=False)


class MembershipChangeSerializer(Serializer):
    """What is given is changed. Instead of ending being the main one, make another one it."""

    role = serializers.CharField(required=False, allow_blank=True, max_length=50)
    is_primary = serializers.BooleanField(required=False)


class HouseholdOfPersonSerializer(ModelSerializer):
    """A household from the view of one person in it; ``role`` and ``is_primary`` are theirs."""

    id = serializers.UUIDField(source="household_id", read_only=True)
    name = serializers.CharField(source="household.name", read_only=True)
    address = AddressField(source="household.address", read_only=True)
    mailing_address = AddressField(source="household.mailing_address", read_only=True)
    phone = serializers.CharField(source="household.phone", read_only=True)
    members = PersonInHouseholdSerializer(source="household.memberships", many=True, read_only=True)

    class Meta:
        model = HouseholdMembership
        fields = ["id", "name", "role", "is_primary", "address", "mailing_address", "phone", "members"]


class AddressesSerializer(Serializer):
    """Where a person lives and where their post goes: their own address, else the main household's."""

    address = AddressField(read_only=True)
    mailing_address = AddressField(read_only=True)


class HouseholdFilter(FilterSet):
    search = filters.CharFilter(method="by_text", label="Words of the name, or of somebody in it")
    member_id = UUIDFilter(field_name="memberships__member_id", label="Somebody in it")
    updated_after = TimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Household
        fields = ["name", "external_key"]

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)


class HouseholdViewSet(AreaViewSet):
    """The households of the church, and who is in each."""

    area = "members"
    permission_actions = {"remove_member": "write"}
    queryset = Household.objects.all()
    filterset_class = HouseholdFilter
    ordering_fields = ["name", "created_at", "updated_at"]

    def get_queryset(self) -> Any:
        if self.action == "list":
            return Household.objects.counted()
        return Household.objects.prefetch_related(with_people())

    def get_serializer_class(self) -> type[ModelSerializer]:
        return HouseholdSummarySerializer if self.action == "list" else HouseholdSerializer

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = domain.create_household(**serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = domain.change_household(
            household=serializer.instance, **serializer.validated_data
        )

    def perform_destroy(self, instance: Household) -> None:
        domain.remove_household(household=instance)

    @extend_schema(
        operation_id="households_add_member",
        request=JoiningSerializer,
        responses={201: PersonInHouseholdSerializer},
    )
    @creates
    def add_member(self, request: Request, pk: str) -> Response:
        """Puts a person into the household."""
        data = JoiningSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        household = self.get_object()
        with gone_is_absent():
            membership = domain.add_to_household(
                household=household,
                member=_person(data.validated_data["member_id"]),
                role=data.validated_data.get("role", ""),
                primary=data.validated_data.get("is_primary"),
            )
        return Response(PersonInHouseholdSerializer(membership).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="households_change_member",
        request=MembershipChangeSerializer,
        responses=PersonInHouseholdSerializer,
    )
    @transaction.atomic
    def change_member(self, request: Request, pk: str, member_id: uuid.UUID) -> Response:
        """Changes the role of a person, or makes this their main household."""
        data = MembershipChangeSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        with gone_is_absent():
            membership = domain.change_membership(
                membership=self._membership(member_id),
                role=data.validated_data.get("role"),
                primary=data.validated_data.get("is_primary"),
            )
        return Response(PersonInHouseholdSerializer(membership).data)

    @extend_schema(operation_id="households_remove_member", responses={204: None})
    @transaction.atomic
    def remove_member(self, request: Request, pk: str, member_id: uuid.UUID) -> Response:
        """Takes a person out of the household; nobody is deleted."""
        with gone_is_absent():
            domain.leave_household(membership=self._membership(member_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _membership(self, member_id: uuid.UUID) -> HouseholdMembership:
        found = HouseholdMembership.objects.filter(household=self.get_object())
        return get_object_or_404(found, member_id=member_id)


def _person(member_id: uuid.UUID) -> Member:
    """Who is to join. Raises ValidationError; absent and of another church look the same."""
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        raise ValidationError({"member_id": _("There is no such entry.")})
    return member


_OF_PERSON = OpenApiParameter("id", uuid.UUID, OpenApiParameter.PATH, description="The person")


@extend_schema_view(list=extend_schema(operation_id="members_households", parameters=[_OF_PERSON]))
class HouseholdsOfPersonViewSet(AreaViewSet):
    """In which households a person is, the main one first."""

    area = "members"
    queryset = HouseholdMembership.objects.none()
    serializer_class = HouseholdOfPersonSerializer
    filter_backends = []

    def get_queryset(self) -> Any:
        if "pk" not in self.kwargs:
            return self.queryset
        memberships = get_object_or_404(Member, pk=self.kwargs["pk"]).household_memberships
        return (
            memberships.select_related("household")
            .prefetch_related(with_people("household__memberships"))
            .order_by("-is_primary", "created_at", "id")
        )

    @extend_schema(operation_id="members_addresses", parameters=[_OF_PERSON], responses=AddressesSerializer)
    def addresses(self, request: Request, pk: uuid.UUID) -> Response:
        """Where the person lives and where their post goes, their household's where they have none."""
        member = get_object_or_404(Member, pk=pk)
        return Response(AddressesSerializer(effective_addresses([member.pk])[member.pk]).data)


_one: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
_in_it: dict[str, Any] = {"patch": "change_member", "delete": "remove_member"}

urlpatterns = [
    path("households", HouseholdViewSet.as_view({"get": "list", "post": "create"})),
    path("households/<uuid:pk>", HouseholdViewSet.as_view(_one)),
    path("households/<uuid:pk>/members", HouseholdViewSet.as_view({"post": "add_member"})),
    path("households/<uuid:pk>/members/<uuid:member_id>", HouseholdViewSet.as_view(_in_it)),
    path("members/<uuid:pk>/households", HouseholdsOfPersonViewSet.as_view({"get": "list"})),
    path("members/<uuid:pk>/addresses", HouseholdsOfPersonViewSet.as_view({"get": "addresses"})),
]
