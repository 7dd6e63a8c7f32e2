"""Endpoints of notifications."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from tests.security.endpoint import SIGNED_IN, Endpoint


def _notification() -> Any:
    from accounts.domain import create_user
    from notifications.models import Notification

    # Somebody's, of the church that was entered, who is none of those who ask.
    somebody = create_user(email=f"{uuid.uuid4().hex}@example.org", role="volunteer")
    return Notification.objects.create(user=somebody, number=1, kind="members.import_finished").pk


MAKERS: dict[str, Callable[[], Any]] = {"notification": _notification}

OWN = "api/notifications"


def _no_preferences(_: Any) -> dict[str, Any]:
    return {"preferences": []}


ENDPOINTS = [
    Endpoint("GET", OWN, SIGNED_IN),
    Endpoint("POST", f"{OWN}/read", SIGNED_IN, body=lambda _: {}),
    # It is somebody else's, which is there for nobody else.
    Endpoint("POST", f"{OWN}/<uuid:pk>/read", SIGNED_IN, 404, kind="notification"),
    Endpoint("GET", f"{OWN}/preferences", SIGNED_IN),
    Endpoint("PUT", f"{OWN}/preferences", SIGNED_IN, body=_no_preferences),
    Endpoint("PATCH", f"{OWN}/preferences", SIGNED_IN, body=_no_preferences),
    Endpoint("POST", f"{OWN}/stream-ticket", SIGNED_IN),
    # Without an ASGI process around it, it answers what is new and ends.
    Endpoint("GET", f"{OWN}/stream", SIGNED_IN),
]
