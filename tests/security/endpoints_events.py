"""Events and registrations in the table of endpoints."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.security.endpoint import Endpoint


def _event() -> Any:
    from events.domain import create_event

    start = timezone.now() + timedelta(days=7)
    return create_event(title="Picnic", start_datetime=start, end_datetime=start + timedelta(hours=2)).pk


def _registration() -> Any:
    """Ids of an event and of a guest's registration for it."""
    from events.models import Event
    from events.registrations.domain import register

    event = Event.objects.get(pk=_event())
    guest = register(event=event, name="Zacchaeus", email=f"{uuid.uuid4().hex}@example.org")
    return event.pk, guest.pk


MAKERS: dict[str, Callable[[], Any]] = {"event": _event, "registration": _registration}


def _new(_: Any) -> dict[str, Any]:
    return {
        "title": "Picnic",
        "start_datetime": "2030-05-01T10:00:00+02:00",
        "end_datetime": "2030-05-01T12:00:00+02:00",
    }


def _guest(_: Any) -> dict[str, Any]:
    return {"name": "Zacchaeus", "email": f"{uuid.uuid4().hex}@example.org"}


EVENT = "api/events/<uuid:pk>"
ONE = f"{EVENT}/registrations/<uuid:registration_id>"

ENDPOINTS = [
    Endpoint("GET", "api/events", "events:read"),
    Endpoint("POST", "api/events", "events:write", 201, body=_new),
    Endpoint("GET", "api/events/occurrences", "events:read"),
    Endpoint("GET", "api/events/calendar.ics", "events:read"),
    Endpoint("GET", "api/events/calendar-feed", "events:read"),
    Endpoint("POST", "api/events/calendar-feed", "events:read", 201),
    Endpoint("DELETE", "api/events/calendar-feed", "events:read", 204),
    Endpoint("GET", EVENT, "events:read", kind="event"),
    Endpoint("PUT", EVENT, "events:write", kind="event", body=_new),
    Endpoint("PATCH", EVENT, "events:write", kind="event", body=lambda _: {"title": "Other"}),
    Endpoint("DELETE", EVENT, "events:delete", 204, kind="event"),
    Endpoint("POST", f"{EVENT}/duplicate", "events:write", 201, kind="event", body=lambda _: {}),
    Endpoint("POST", f"{EVENT}/register", "events:write", 201, kind="event", body=_guest),
    Endpoint("GET", f"{EVENT}/registrations", "events:read", kind="event"),
    Endpoint("GET", ONE, "events:read", kind="registration"),
    Endpoint("PUT", ONE, "events:write", kind="registration", body=lambda _: {"status": "attended"}),
    Endpoint("PATCH", ONE, "events:write", kind="registration", body=lambda _: {"notes": "x"}),
    Endpoint("DELETE", ONE, "events:delete", 204, kind="registration"),
]
