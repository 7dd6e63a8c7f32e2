"""What a person's households say of them: where they live, where post goes, whose household it is."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Case, Prefetch, QuerySet, Value, When

from members.models import HouseholdMembership, Member

Address = dict[str, str]


class Addresses(NamedTuple):
    """Where somebody lives, and where their post goes; each may be empty."""

    address: Address
    mailing_address: Address


def _effective(own: Address, own_mailing: Address, shared: Address, shared_mailing: Address) -> Addresses:
    address = own or shared
    return Addresses(address, own_mailing or shared_mailing or address)


def effective_addresses(member_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Addresses]:
    """The addresses of each of the people, in two statements.

    Their own; where they have none, that of their main household. Post goes to their own mailing
    address, else to the household's, else to where they live.
    """
    shared: dict[uuid.UUID, tuple[Address, Address]] = {
        member_id: (address, mailing_address)
        for member_id, address, mailing_address in HouseholdMembership.objects.filter(
            member_id__in=member_ids, is_primary=True
        ).values_list("member_id", "household__address", "household__mailing_address")
    }
    people = Member.objects.filter(pk__in=member_ids).order_by()
    return {
        member_id: _effective(own, own_mailing, *shared.get(member_id, ({}, {})))
        for member_id, own, own_mailing in people.values_list("pk", "address", "mailing_address")
    }


def roles_in_use() -> list[str]:
    """Every role that somebody has in some household, the suggested ones first, in their order."""
    suggested = HouseholdMembership.SUGGESTED_ROLES
    held = HouseholdMembership.objects.order_by().exclude(role="").values_list("role", flat=True).distinct()
    found = sorted(held, key=str.casefold)
    return [role for role in suggested if role in found] + [role for role in found if role not in suggested]


def in_family_order() -> QuerySet[HouseholdMembership]:
    """Who is in which household, each with the person: by role as in a family, then who came first."""
    roles = enumerate(HouseholdMembership.SUGGESTED_ROLES)
    places = [When(role=role, then=Value(place)) for place, role in roles]
    place = Case(*places, default=Value(len(places)))
    return HouseholdMembership.objects.select_related("member").order_by(place, "created_at", "id")


def with_people(path: str = "memberships") -> Prefetch:
    """Fetches, along ``path``, the people of each household in one statement, in the family's order."""
    return Prefetch(path, in_family_order())
