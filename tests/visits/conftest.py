"""Fixtures of the tests about visits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tenants.context import enter_church

# Where the churches of tests.world are.
CHICAGO = ZoneInfo("America/Chicago")


def at(days: int, wall: str = "10:00", zone: ZoneInfo = CHICAGO) -> datetime:
    """A wall time so many days from today."""
    day = timezone.now().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time.fromisoformat(wall), zone)


def local(year: int, month: int, day: int, wall: str, zone: ZoneInfo = CHICAGO) -> datetime:
    """A wall time of a certain day."""
    return datetime.combine(date(year, month, day), time.fromisoformat(wall), zone)


@pytest.fixture
def in_grace(grace: Any) -> Iterator[Any]:
    """The test stands inside Grace."""
    with enter_church(grace), timezone.override(grace.timezone):
        yield grace


@pytest.fixture
def book(grace: Any, user: Callable[[str], Any]) -> Callable[..., Any]:
    """``book(at(3), pastor="alice", …)``: a visit at Grace, planned by Bob; Zacchaeus’ by default."""
    from visits.domain import book_visit

    def make(when: datetime, pastor: str | None = "alice", **values: Any) -> Any:
        with enter_church(grace):
            whom = {} if "member" in values else {"visitor_name": "Zacchaeus"}
            return book_visit(
                user=user("bob"),
                scheduled_datetime=when,
                assigned_pastor=user(pastor) if pastor else None,
                **{**whom, **values},
            )

    return make
