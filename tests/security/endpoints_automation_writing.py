"""Trying a message, in the table of endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.automation.written import a_draft, a_step
from tests.security.endpoint import Endpoint


def _step() -> Any:
    """Id of a step of a sequence."""
    return a_step().pk


def _draft() -> Any:
    """Id of a message to many that an administrator wrote."""
    from accounts.models import User

    return a_draft(User.objects.filter(role="admin").earliest("created_at")).pk


MAKERS: dict[str, Callable[[], Any]] = {"step": _step, "message to many": _draft}

ENDPOINTS = [
    Endpoint("POST", "api/templates/<uuid:pk>/test", "automation:write", 202, kind="step", body=lambda _: {}),
]
