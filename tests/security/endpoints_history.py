"""The endpoints of the history, of everything about a person, and of erasing them."""

from __future__ import annotations

from typing import Any

from tests import world
from tests.security.endpoint import Endpoint

PERSON = "api/members/<uuid:pk>"


def _changed() -> Any:
    """A person, and an entry of theirs that can be put back."""
    from core.models import HistoryEntry
    from members.domain import change_member, create_member

    member = create_member(first_name="Lazarus", last_name="Bethany")
    change_member(member=member, nickname="Laz")
    return member.pk, HistoryEntry.objects.filter(about=member.pk).latest().pk


def _deleted() -> Any:
    """Somebody who was deleted."""
    from members.domain import create_member, remove_member

    member = create_member(first_name="Lazarus", last_name="Bethany")
    key = member.pk
    remove_member(member=member)
    return key


def _entry() -> Any:
    """An entry of the history."""
    return _changed()[1]


def _deletion() -> Any:
    """The entry about somebody's deletion."""
    from core.models import HistoryEntry

    return HistoryEntry.objects.filter(about=_deleted(), action=HistoryEntry.Action.DELETE).get().pk


MAKERS = {"changed": _changed, "deleted": _deleted, "entry": _entry, "deletion": _deletion}

ENDPOINTS = [
    Endpoint("GET", "api/history", "settings:read"),
    Endpoint("GET", f"{PERSON}/history", "members:write", kind="member"),
    Endpoint("POST", f"{PERSON}/history/<uuid:entry_id>/restore", "members:write", kind="changed"),
    Endpoint("POST", f"{PERSON}/restore", "members:delete", kind="deleted"),
    Endpoint("GET", f"{PERSON}/personal-data", "settings:write", kind="member"),
    Endpoint(
        "POST",
        f"{PERSON}/erase",
        "settings:write",
        204,
        kind="member",
        body=lambda _: {"password": world.PASSWORD, "reason": "asked for it"},
    ),
]
