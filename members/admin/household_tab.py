"""What a person's page says of their households."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import may
from members.households.reading import effective_addresses, with_people
from members.models import HouseholdMembership, Member

from .person_page import person_page
from .presentation import address_lines, role_name

PEOPLE_SHOWN = 30


def _memberships_of(person: Member) -> list[HouseholdMembership]:
    """Their households, the main one first, each with its people."""
    memberships = person.household_memberships.select_related("household")
    ordered = memberships.order_by("-is_primary", "created_at", "id")
    return list(ordered.prefetch_related(with_people("household__memberships")))


def people_rows(memberships: Any) -> list[dict[str, Any]]:
    """Each person of a household as the pages show them."""
    return [
        {"membership": membership, "person": membership.member, "role": role_name(membership.role)}
        for membership in memberships
    ]


def household_card(person: Member) -> dict[str, Any]:
    """What the card above the tabs says: where they live, with whom, and where they belong besides."""
    memberships = _memberships_of(person)
    main = memberships[0].household if memberships else None
    others = [] if main is None else [m.member for m in main.memberships.all() if m.member_id != person.pk]
    return {
        "address": address_lines(effective_addresses([person.pk])[person.pk].address),
        "main_household": main,
        "household": others[:PEOPLE_SHOWN],
        "other_households": [membership.household for membership in memberships[1:]],
    }


@person_page.tab("household", _("Household"), "members/household_tab.html", position=20)
def household_tab(request: HttpRequest, person: Member) -> dict[str, Any]:
    """Each household with its people and address, and what can be done about it."""
    households = [
        {
            "membership": membership,
            "household": membership.household,
            "role": role_name(membership.role),
            "people": people_rows(membership.household.memberships.all()),
            "address": address_lines(membership.household.address),
        }
        for membership in _memberships_of(person)
    ]
    return {"memberships": households, "may_change": may(request, "members:write")}
