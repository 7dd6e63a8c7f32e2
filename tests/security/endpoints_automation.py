"""Sequences, their steps and who is in them, in the table of endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.endpoint import Endpoint


def _sequence() -> Any:
    """Id of a running sequence with one step."""
    return _whole_sequence().pk


def _whole_sequence() -> Any:
    from automation.sequences.domain import add_step, create_sequence

    made = create_sequence(name="Welcome", trigger_event="manual")
    add_step(sequence=made, subject="Peace be with you", body_html="<p>Come and see.</p>")
    return made


def _template() -> Any:
    """Id of a step."""
    return _whole_sequence().templates.get().pk


def _enrolment() -> Any:
    """Id of somebody's way through a sequence."""
    from automation.enrolling.domain import enrol
    from members.domain import create_member

    person = create_member(first_name="Nathanael", last_name="Cana", email="nathanael@cana.example")
    return enrol(sequence=_whole_sequence(), member=person).pk


def _somebody(_: Any) -> dict[str, Any]:
    from members.domain import create_member

    return {"member_id": str(create_member(first_name="Philip", last_name="Bethsaida").pk)}


MAKERS: dict[str, Callable[[], Any]] = {
    "sequence": _sequence,
    "template": _template,
    "enrolment": _enrolment,
}


def _new_sequence(_: Any) -> dict[str, Any]:
    return {"name": "First steps", "trigger_event": "new_member"}


def _new_step(_: Any) -> dict[str, Any]:
    return {"subject": "Hello", "body_html": "<p>Hello</p>", "delay_days": 2, "send_at": "09:30"}


SEQUENCE = "api/sequences/<uuid:pk>"
TEMPLATE = "api/templates/<uuid:pk>"

ENDPOINTS = [
    Endpoint("GET", "api/sequences", "automation:read"),
    Endpoint("POST", "api/sequences", "automation:write", 201, body=_new_sequence),
    Endpoint("GET", SEQUENCE, "automation:read", kind="sequence"),
    Endpoint("PUT", SEQUENCE, "automation:write", kind="sequence", body=_new_sequence),
    Endpoint("PATCH", SEQUENCE, "automation:write", kind="sequence", body=lambda _: {"is_active": False}),
    Endpoint("DELETE", SEQUENCE, "automation:write", 204, kind="sequence"),
    Endpoint("GET", f"{SEQUENCE}/templates", "automation:read", kind="sequence"),
    Endpoint("POST", f"{SEQUENCE}/templates", "automation:write", 201, kind="sequence", body=_new_step),
    Endpoint("GET", TEMPLATE, "automation:read", kind="template"),
    Endpoint("PUT", TEMPLATE, "automation:write", kind="template", body=_new_step),
    Endpoint("PATCH", TEMPLATE, "automation:write", kind="template", body=lambda _: {"subject": "Peace"}),
    Endpoint("DELETE", TEMPLATE, "automation:write", 204, kind="template"),
    Endpoint("GET", f"{SEQUENCE}/stats", "automation:read", kind="sequence"),
    Endpoint("GET", f"{SEQUENCE}/enrolments", "automation:read", kind="sequence"),
    Endpoint("POST", f"{SEQUENCE}/enrol", "automation:write", 201, kind="sequence", body=_somebody),
    Endpoint("POST", "api/enrolments/<uuid:pk>/leave", "automation:write", kind="enrolment"),
]
