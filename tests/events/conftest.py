"""What the tests of events share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tenants.context import enter_church, enter_for_request


@pytest.fixture
def in_grace(grace: Any) -> Iterator[Any]:
    with enter_church(grace):
        yield grace


def staying(client: Any, church: Any) -> Any:
    """``client``, after each of whose requests this test stands in the church again."""
    send = client.request

    def request(*args: Any, **kwargs: Any) -> Any:
        try:
            return send(*args, **kwargs)
        finally:
            enter_for_request(church)

    client.request = request
    return client


@pytest.fixture
def api(api: Callable[..., Any], in_grace: Any) -> Callable[..., Any]:
    """As everywhere, for tests that go on inside the church."""
    return lambda actor: staying(api(actor), in_grace)


@pytest.fixture
def browser_session(browser_session: Callable[..., Any], in_grace: Any) -> Callable[..., Any]:
    """As everywhere, for tests that go on inside the church."""
    return lambda actor: staying(browser_session(actor), in_grace)


@pytest.fixture
def visitor(in_grace: Any) -> Any:
    """A browser in which nobody is signed in."""
    return staying(Client(HTTP_HOST="grace.localhost"), in_grace)


def in_days(days: float, hour: int = 16) -> datetime:
    """A full hour (UTC), so many days from today."""
    day = timezone.now().astimezone(UTC) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


@pytest.fixture
def new_event(in_grace: Any) -> Callable[..., Any]:
    """``new_event(max_attendees=2)``: an event of two hours in a week, at which people register."""
    from events.domain import create_event

    def make(**values: Any) -> Any:
        start = values.pop("start_datetime", in_days(7))
        given = {
            "title": "Picnic",
            "start_datetime": start,
            "end_datetime": start + timedelta(hours=2),
            "registration_required": True,
        }
        return create_event(**{**given, **values})

    return make


@pytest.fixture
def person(in_grace: Any) -> Callable[..., Any]:
    """``person("Ruth")``: a new person of the church."""
    from members.domain import create_member

    def make(first_name: str = "Ruth", **values: Any) -> Any:
        given = {
            "last_name": "Moab",
            "email": f"{first_name.lower()}@moab.example".encode("ascii", "ignore").decode(),
        }
        return create_member(first_name=first_name, **{**given, **values})

    return make


@pytest.fixture
def mails(work_queue: Callable[[], int], mailoutbox: list[Any]) -> Callable[[], list[tuple[str, str]]]:
    """``mails()``: address and subject of what was sent since it was last asked."""

    def read() -> list[tuple[str, str]]:
        mailoutbox.clear()
        work_queue()
        return [(mail.to[0], mail.subject) for mail in mailoutbox]

    return read
