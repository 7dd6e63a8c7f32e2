"""The homes of people, for lists: read for many at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from members.models import HouseholdMembership


@dataclass
class Home:
    """Name of the main household and the role in it; ``also_in`` are the names of the others."""

    name: str = ""
    role: str = ""
    also_in: list[str] = field(default_factory=list)


NOWHERE = Home()


def homes_of(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Home]:
    """The homes of those who have one, in one query."""
    homes: dict[uuid.UUID, Home] = {}
    memberships = HouseholdMembership.objects.filter(member_id__in=ids).order_by("created_at", "id")
    for member_id, name, role, is_primary in memberships.values_list(
        "member_id", "household__name", "role", "is_primary"
    ):
        home = homes.setdefault(member_id, Home())
        if is_primary:
            home.name, home.role = name, role
        else:
            home.also_in.append(name)
    return homes
