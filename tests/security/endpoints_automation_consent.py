"""Declined addresses in the table of endpoints; and the webhooks of providers, on the platform's host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.security.endpoint import Endpoint


def _suppression() -> Any:
    """Id of an address that somebody entered."""
    from automation.consent.domain import add_by_hand

    return add_by_hand(channel="email", address="leave-me@example.org").pk


MAKERS: dict[str, Callable[[], Any]] = {"suppression": _suppression}

ENDPOINTS = [
    Endpoint("GET", "api/suppressions", "automation:read"),
    Endpoint(
        "POST",
        "api/suppressions",
        "automation:write",
        201,
        body=lambda _: {"channel": "sms", "topic": "news", "address": "+12175550123"},
    ),
    Endpoint("DELETE", "api/suppressions/<uuid:pk>", "automation:write", 204, kind="suppression"),
]

# On the platform's host. Who calls shows it by a secret, or is refused; tests/automation/consent has them.
WEBHOOKS = {
    "api/webhooks/mail/<slug:provider>",
    "api/webhooks/sms/twilio",
    "api/webhooks/sms/twilio/status",
}
