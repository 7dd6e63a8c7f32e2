"""Prayer requests in the table of endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.endpoint import Endpoint


def _prayer_request() -> Any:
    """Id of a published request of a member."""
    from members.domain import create_member
    from prayer.domain import submit_request

    person = create_member(first_name="Hannah", last_name="Ramah")
    return submit_request(description="Pray for a child.", source="api", member=person).request.pk


MAKERS: dict[str, Callable[[], Any]] = {"prayer request": _prayer_request}

ALL = "api/prayer-requests"
ONE = f"{ALL}/<uuid:pk>"


def _asked(_: Any) -> dict[str, Any]:
    return {"description": "Pray for rain."}


ENDPOINTS = [
    Endpoint("GET", ALL, "prayer:read"),
    Endpoint("POST", ALL, "prayer:write", 201, body=_asked),
    Endpoint("GET", ONE, "prayer:read", kind="prayer request"),
    Endpoint("PUT", ONE, "prayer:write", kind="prayer request", body=_asked),
    Endpoint("PATCH", ONE, "prayer:write", kind="prayer request", body=lambda _: {"category": "work"}),
    Endpoint("DELETE", ONE, "prayer:delete", 204, kind="prayer request"),
    Endpoint("GET", f"{ONE}/updates", "prayer:read", kind="prayer request"),
    Endpoint(
        "POST",
        f"{ONE}/updates",
        "prayer:write",
        201,
        kind="prayer request",
        body=lambda _: {"update_text": "It rains."},
    ),
    Endpoint("POST", f"{ONE}/pray", "prayer:read", kind="prayer request"),
]
