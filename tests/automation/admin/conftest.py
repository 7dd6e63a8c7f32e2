"""What the tests of the pages for sequences share: a sequence of two steps, and people in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from tenants.context import enter_church
from tests.events.conftest import staying


@pytest.fixture
def in_grace(grace: Any) -> Iterator[Any]:
    with enter_church(grace):
        yield grace


@pytest.fixture
def browser_session(browser_session: Callable[..., Any], in_grace: Any) -> Callable[..., Any]:
    """As everywhere, for tests that go on inside the church."""
    return lambda actor: staying(browser_session(actor), in_grace)


@pytest.fixture
def alice(browser_session: Callable[..., Any]) -> Any:
    """The browser of a pastor."""
    return browser_session("alice")


@pytest.fixture
def welcome(in_grace: Any) -> Any:
    """Two mails and a text message for whoever is new; the first of them at once."""
    from automation.sequences import domain

    made = domain.create_sequence(name="Welcome", trigger_event="new_member", exit_when_visited=True)
    domain.add_step(
        sequence=made,
        subject="Good to have you",
        body_text="Dear {{ member.first_name | friend }},\n\nhello.",
    )
    domain.add_step(sequence=made, message_type="sms", body_text="Coffee on Sunday?", delay_days=3)
    domain.add_step(sequence=made, subject="Next steps", body_html="<p>See <b>this</b></p>", delay_days=7)
    return made


@pytest.fixture
def people_in(in_grace: Any) -> Callable[..., list[Any]]:
    """``people_in(sequence, 3)``: enrolments of new people."""
    from automation.enrolling.domain import enrol
    from members.domain import create_member

    def add(sequence: Any, number: int) -> list[Any]:
        made = []
        for count in range(number):
            email = f"newcomer{count}.{sequence.pk.hex}@moab.example"
            person = create_member(first_name=f"Newcomer{count}", last_name="Moab", email=email)
            # Whoever is new may have come in by that.
            made.append(
                sequence.enrolments.filter(member=person).first() or enrol(sequence=sequence, member=person)
            )
        return made

    return add


@pytest.fixture
def settle() -> Callable[..., Any]:
    """``settle(enrolment, "failed", error_message="…")``: the end of the message that is planned next."""
    from automation.models import AutomatedMessage

    def end(enrolment: Any, status: str, **values: Any) -> Any:
        message = AutomatedMessage.objects.get(enrolment=enrolment, status="pending")
        given = {
            "status": status,
            "is_followed": True,
            **({"sent_at": timezone.now()} if status == "sent" else {}),
        }
        AutomatedMessage.objects.filter(pk=message.pk).update(**{**given, **values})
        message.refresh_from_db()
        return message

    return end
