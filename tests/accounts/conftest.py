"""Fixtures of the tests of signing in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import world
from tests.accounts.second_factor import SecondFactor, set_up


@pytest.fixture
def second_factor(
    user: Callable[[str], Any], church_of: Callable[[str], Any]
) -> Callable[[str], SecondFactor]:
    """``second_factor("bob")``: one that the actor has set up, for signing in by password and code."""
    return lambda actor: set_up(user(actor), church_of(actor))


@pytest.fixture
def log_in(api: Callable[..., Any]) -> Callable[..., Any]:
    """``log_in("bob")``: the answer to the actor's right password over the API."""

    def ask(actor: str, password: str = world.PASSWORD) -> Any:
        host = f"{world.ACTORS[actor][0]}.localhost"
        body = {"email": world.email_of(actor), "password": password}
        return api(None, host=host).post("/api/auth/login", body)

    return ask


@pytest.fixture
def answer_challenge(api: Callable[..., Any]) -> Callable[..., Any]:
    """``answer_challenge(challenge, code)``: the answer of Grace to the second step."""

    def ask(challenge: str, code: str, host: str = "grace.localhost") -> Any:
        return api(None, host=host).post("/api/auth/two-factor", {"challenge": challenge, "code": code})

    return ask
