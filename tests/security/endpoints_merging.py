"""Duplicates and merges in the table of endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.endpoint import Endpoint


def _person(first_name: str = "Simon") -> Any:
    from members.domain import create_member

    return create_member(first_name=first_name, last_name="Bethsaida")


def _two() -> Any:
    """Ids of two people."""
    return _person("Simon").pk, _person("Peter").pk


def _merge() -> Any:
    from accounts.models import User
    from members.merging.domain import merge_members

    user = User.objects.filter(role="pastor").earliest("created_at")
    return merge_members(survivor=_person("Simon"), absorbed=_person("Peter"), user=user).pk


MAKERS: dict[str, Callable[[], Any]] = {"two-members": _two, "merge": _merge}

MERGE = "api/members/<uuid:pk>/merge"

ENDPOINTS = [
    Endpoint("GET", "api/members/duplicates", "members:write"),
    Endpoint(
        "POST",
        "api/members/not-duplicates",
        "members:write",
        201,
        body=lambda _: {"first": str(_person().pk), "second": str(_person().pk)},
    ),
    Endpoint("GET", MERGE, "members:delete", kind="two-members", query="?with=<second>"),
    Endpoint(
        "POST",
        MERGE,
        "members:delete",
        201,
        kind="member",
        body=lambda _: {"member_id": str(_person().pk)},
    ),
    Endpoint("GET", "api/members/merges", "members:delete"),
    Endpoint("POST", "api/members/merges/<uuid:pk>/undo", "members:delete", kind="merge"),
]
