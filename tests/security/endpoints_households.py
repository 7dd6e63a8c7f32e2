"""Endpoints of households."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.endpoint import Endpoint


def _household() -> Any:
    from members.households.domain import create_household

    return create_household(name="House of Bethany").pk


def _membership() -> Any:
    """A household and somebody in it under the same id, which stands twice in the address."""
    from members.domain import create_member
    from members.households.domain import add_to_household
    from members.models import Household

    member = create_member(first_name="Lazarus", last_name="Bethany")
    household = Household.objects.create(pk=member.pk, name="House of Bethany")
    add_to_household(household=household, member=member)
    return member.pk


MAKERS: dict[str, Callable[[], Any]] = {"household": _household, "membership": _membership}


def _house(_: Any) -> dict[str, Any]:
    return {"name": "House of Bethany"}


def _somebody(_: Any) -> dict[str, Any]:
    from members.domain import create_member

    return {"member_id": str(create_member(first_name="Mary", last_name="Bethany").pk)}


HOUSEHOLDS = "api/households"
ONE = f"{HOUSEHOLDS}/<uuid:pk>"
IN_IT = f"{ONE}/members/<uuid:member_id>"
PERSON = "api/members/<uuid:pk>"

ENDPOINTS = [
    Endpoint("GET", HOUSEHOLDS, "members:read"),
    Endpoint("POST", HOUSEHOLDS, "members:write", 201, body=_house),
    Endpoint("GET", ONE, "members:read", kind="household"),
    Endpoint("PUT", ONE, "members:write", kind="household", body=_house),
    Endpoint("PATCH", ONE, "members:write", kind="household", body=lambda _: {"phone": ""}),
    Endpoint("DELETE", ONE, "members:delete", 204, kind="household"),
    Endpoint("POST", f"{ONE}/members", "members:write", 201, kind="household", body=_somebody),
    Endpoint("PATCH", IN_IT, "members:write", kind="membership", body=lambda _: {"role": "other"}),
    Endpoint("DELETE", IN_IT, "members:write", 204, kind="membership"),
    Endpoint("GET", f"{PERSON}/households", "members:read", kind="member"),
    Endpoint("GET", f"{PERSON}/addresses", "members:read", kind="member"),
]
