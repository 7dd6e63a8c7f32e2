"""Fixtures of the tests about who must not be written to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tenants.context import enter_church
from tests.automation.consent.messages import written_message


@pytest.fixture
def written(grace: Any) -> Callable[..., Any]:
    """``written(channel="sms", topic="prayer")``: a message that was sent to Jane at Grace."""

    def write(church: Any = None, **values: Any) -> Any:
        with enter_church(church or grace):
            return written_message(**values)

    return write


@pytest.fixture
def link(grace: Any) -> Callable[..., str]:
    """``link(message, "unsubscribe")``: the path of a link in a message."""
    from automation.consent.links import token_of

    def make(message: Any, page: str, church: Any = None) -> str:
        with enter_church(church or grace):
            return f"/messages/{token_of(message)}/{page}"

    return make


@pytest.fixture
def declined(grace: Any) -> Callable[..., set[tuple[str, str, str, str]]]:
    """``declined()``: channel, address, topic and reason of everything that is declined at Grace."""
    from automation.models import Suppression

    def find(church: Any = None) -> set[tuple[str, str, str, str]]:
        with enter_church(church or grace, even_suspended=True):
            return set(Suppression.objects.values_list("channel", "address", "topic", "reason"))

    return find


@pytest.fixture
def stored(grace: Any) -> Callable[[Any], Any]:
    """``stored(message)``: the message as the database has it now."""

    def find(message: Any) -> Any:
        with enter_church(grace):
            return type(message).objects.get(pk=message.pk)

    return find


@pytest.fixture
def visitor(db: None) -> Client:
    """A browser at Grace in which nobody is signed in, with CSRF checked as ever."""
    return Client(HTTP_HOST="grace.localhost", enforce_csrf_checks=True)


@pytest.fixture
def platform(db: None) -> Client:
    """Whoever calls the platform's host, with CSRF checked as ever."""
    return Client(HTTP_HOST="localhost", enforce_csrf_checks=True)


@pytest.fixture
def texted(grace: Any, settings: Any) -> Callable[..., Any]:
    """``texted(church=…)``: a text message that the church sent to Jane over Twilio."""
    from automation.consent.reading import digest_of_address
    from automation.models import AutomatedMessage
    from tenants.texting import note_texted
    from tests.automation.consent.twilio import ACCOUNT

    settings.SMS_ACCOUNT = ACCOUNT

    def text(church: Any = None, **values: Any) -> Any:
        with enter_church(church or grace):
            message = written_message(channel="sms", **values)
            AutomatedMessage.objects.filter(pk=message.pk).update(sent_at=timezone.now())
            note_texted(
                sender=ACCOUNT.sender,
                number_digest=digest_of_address(message.address),
                message_id=message.pk,
            )
            return message

    return text
