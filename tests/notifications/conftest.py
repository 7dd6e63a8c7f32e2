"""Fixtures of the tests of notifications."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from notifications.domain import notify
from tenants.context import enter_church
from tests.notifications.kinds_for_tests import NEWS, forget_kinds, name_kinds


@pytest.fixture(autouse=True)
def named_kinds() -> Iterator[None]:
    name_kinds()
    yield
    forget_kinds()


@pytest.fixture
def tell(user: Callable[[str], Any], church_of: Callable[[str], Any]) -> Callable[..., list[Any]]:
    """``tell("bob", "bread is out", kind=NEWS, url="/admin/")``: tells an actor of tests.world."""

    def say(actor: str, what: str, *, kind: str = NEWS, url: str = "") -> list[Any]:
        with enter_church(church_of(actor)):
            return notify(kind=kind, users=[user(actor)], data={"what": what}, url=url)

    return say
