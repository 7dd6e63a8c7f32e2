"""Endpoints of the second factor and of where one is signed in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from tests import world
from tests.security.endpoint import PUBLIC, SIGNED_IN, Endpoint


def _stranger() -> Any:
    from accounts.domain import create_user

    email = f"{uuid.uuid4().hex}@example.org"
    return create_user(email=email, role="volunteer", password=world.PASSWORD)


def _session() -> Any:
    from accounts.tokens import start_login
    from tests.security.actors import content_of

    return content_of(start_login(user=_stranger())["access"])["sid"]


def _second_step(_: Any) -> dict[str, Any]:
    from accounts.two_factor.challenges import challenge_for
    from tenants.context import current_church
    from tests.accounts.second_factor import set_up

    factor = set_up(_stranger(), current_church())
    return {"challenge": challenge_for(factor.row()), "code": factor.code()}


def _password(_: Any) -> dict[str, Any]:
    return {"password": world.PASSWORD}


def _proof(_: Any) -> dict[str, Any]:
    return {"password": world.PASSWORD, "code": "123456"}


MAKERS: dict[str, Callable[[], Any]] = {"session": _session}

OWN = "api/auth/two-factor"

ENDPOINTS = [
    Endpoint("POST", OWN, PUBLIC, body=_second_step),
    Endpoint("GET", f"{OWN}/status", SIGNED_IN),
    Endpoint("POST", f"{OWN}/set-up", SIGNED_IN, body=_password),
    # Nobody here has begun to set one up; who has, is in tests/accounts.
    Endpoint("POST", f"{OWN}/confirm", SIGNED_IN, 400, body=lambda _: {"code": "123456"}),
    Endpoint("POST", f"{OWN}/recovery-codes", SIGNED_IN, 400, body=_proof),
    Endpoint("POST", f"{OWN}/switch-off", SIGNED_IN, 400, body=_proof),
    Endpoint("DELETE", "api/tenants/current/users/<uuid:pk>/two-factor", "users:write", 204, kind="user"),
    Endpoint("GET", "api/auth/sessions", SIGNED_IN),
    # The login is a stranger's, which is there for nobody else.
    Endpoint("DELETE", "api/auth/sessions/<uuid:pk>", SIGNED_IN, 404, kind="session"),
    Endpoint("POST", "api/auth/sessions/end-all", SIGNED_IN, 204, body=lambda _: {"keep_current": True}),
]
