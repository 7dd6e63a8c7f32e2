"""Fixtures of the tests about prayer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from prayer.domain import Submitted, submit_request
from prayer.models import PrayerRequest
from tenants.context import enter_church

ASKED = {"description": "My mother is to be operated on Friday.\nPray for her.", "is_public": "on"}


@pytest.fixture
def ask(grace: Any) -> Callable[..., Submitted]:
    """``ask(description="…", is_anonymous=True)``: a request at Grace, by a visitor."""

    def submit(description: str = "Pray for rain.", **values: Any) -> Submitted:
        with enter_church(grace):
            return submit_request(description=description, **{"source": "wall", **values})

    return submit


@pytest.fixture
def published(ask: Callable[..., Submitted], grace: Any, user: Callable[[str], Any]) -> Callable[..., Any]:
    """``published(…)``: as ``ask``, looked at by Bob and published; answers the request."""
    from prayer.domain import change_request

    def submit(*texts: str, **values: Any) -> Any:
        made = ask(*texts, **values).request
        with enter_church(grace):
            return change_request(request=made, user=user("bob"), moderation="published")

    return submit


@pytest.fixture
def stored(grace: Any) -> Callable[[Any], PrayerRequest]:
    """``stored(request)``: the request as the database has it now."""

    def find(request: Any) -> PrayerRequest:
        with enter_church(grace):
            return PrayerRequest.objects.get(pk=request.pk)

    return find


@pytest.fixture
def visitor(db: None) -> Callable[..., Client]:
    """``visitor()``: a browser at Grace in which nobody is signed in, with CSRF checked as ever."""

    def browse(**options: Any) -> Client:
        return Client(HTTP_HOST="grace.localhost", enforce_csrf_checks=True, **options)

    return browse


@pytest.fixture
def send(visitor: Callable[..., Client]) -> Callable[..., Any]:
    """``send(browser, page, values, to=…)``: opens a page and sends a form of it, with its CSRF token."""

    def submit(browser: Client, page: str, values: dict[str, Any], to: str = "") -> Any:
        shown = browser.get(page)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown.content.decode())
        assert token, shown.content
        return browser.post(to or page, {**values, "csrfmiddlewaretoken": token[1]})

    return submit
