"""Visits in the table of endpoints."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.security.endpoint import Endpoint


def _visit() -> Any:
    """Id of a planned visit, for which nobody was named yet."""
    from visits.domain import book_visit

    return book_visit(
        user=None, visitor_name="Zacchaeus", scheduled_datetime=timezone.now() + timedelta(days=3)
    ).pk


def _reported() -> Any:
    """Id of a visit with a care report."""
    from accounts.models import User
    from visits.domain import complete_visit
    from visits.models import Visit

    author = User.objects.filter(role="pastor").earliest("created_at")
    visit = Visit.objects.get(pk=_visit())
    return complete_visit(visit=visit, user=author, report="He came down from the tree.").pk


MAKERS: dict[str, Callable[[], Any]] = {"visit": _visit, "reported visit": _reported}


def _new_visit(_: Any) -> dict[str, Any]:
    when = timezone.now() + timedelta(days=5)
    return {"visitor_name": "Nicodemus", "visit_type": "home", "scheduled_datetime": when.isoformat()}


def _another_time(_: Any) -> dict[str, Any]:
    return {"scheduled_datetime": (timezone.now() + timedelta(days=6)).isoformat()}


def _free_times_of() -> str:
    return f"?assigned_pastor={uuid.UUID(int=0)}"


VISIT = "api/visits/<uuid:pk>"

ENDPOINTS = [
    Endpoint("GET", "api/visits", "visits:read"),
    Endpoint("POST", "api/visits", "visits:write", 201, body=_new_visit),
    Endpoint("GET", "api/visits/calendar", "visits:read", query="?start=2026-05-01&end=2026-05-31"),
    # Of somebody whom there is not.
    Endpoint("GET", "api/visits/free-times", "visits:write", 400, query=_free_times_of()),
    Endpoint("GET", VISIT, "visits:read", kind="visit"),
    Endpoint("PUT", VISIT, "visits:write", kind="visit", body=_new_visit),
    Endpoint("PATCH", VISIT, "visits:write", kind="visit", body=lambda _: {"location": "Jericho"}),
    Endpoint("DELETE", VISIT, "visits:delete", 204, kind="visit"),
    Endpoint("POST", f"{VISIT}/reschedule", "visits:write", 201, kind="visit", body=_another_time),
    Endpoint("POST", f"{VISIT}/complete", "visits:write", kind="visit", body=lambda _: {"outcome": "met"}),
    Endpoint("POST", f"{VISIT}/cancel", "visits:write", kind="visit"),
    Endpoint("GET", f"{VISIT}/report", "members:confidential", kind="reported visit"),
    Endpoint(
        "PUT", f"{VISIT}/report", "members:confidential", kind="visit", body=lambda _: {"report": "Came."}
    ),
]
