"""Notes, confidential details and readings in the table of endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.endpoint import Endpoint


def _note() -> Any:
    """Ids of a person and of a plain note about them, whose author is the church's staff."""
    from accounts.models import User
    from members.confidential.domain import add_note
    from members.domain import create_member

    person = create_member(first_name="Hannah", last_name="Ramah")
    author = User.objects.filter(role="staff").earliest("created_at")
    return person.pk, add_note(member=person, body="Prays for a child.", author=author).pk


MAKERS: dict[str, Callable[[], Any]] = {"note": _note}

PERSON = "api/members/<uuid:pk>"
NOTE = f"{PERSON}/notes/<uuid:note_id>"

ENDPOINTS = [
    Endpoint("GET", f"{PERSON}/notes", "members:write", kind="member"),
    Endpoint(
        "POST",
        f"{PERSON}/notes",
        "members:write",
        201,
        kind="member",
        body=lambda _: {"body": "Moved house."},
    ),
    Endpoint("GET", NOTE, "members:write", kind="note"),
    Endpoint("PUT", NOTE, "members:write", kind="note", body=lambda _: {"body": "Moved house."}),
    Endpoint("PATCH", NOTE, "members:write", kind="note", body=lambda _: {"body": "Moved house."}),
    Endpoint("DELETE", NOTE, "members:write", 204, kind="note"),
    Endpoint("GET", f"{PERSON}/confidential", "members:confidential", kind="member"),
    Endpoint(
        "PUT", f"{PERSON}/confidential", "members:confidential", kind="member", body=lambda _: {"health": "x"}
    ),
    Endpoint(
        "PATCH",
        f"{PERSON}/confidential",
        "members:confidential",
        kind="member",
        body=lambda _: {"health": "x"},
    ),
    Endpoint("GET", f"{PERSON}/readings", "members:confidential", kind="member"),
]
