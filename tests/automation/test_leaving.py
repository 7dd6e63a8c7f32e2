"""Why somebody leaves a sequence, as it is asked at the moment of sending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.consent.reading import digest_of_address
from automation.enrolling.domain import enrol, enrol_many
from automation.enrolling.leaving import why_leave
from automation.models import AutomatedMessage, ProviderEvent, Suppression
from automation.sequences.domain import add_step
from members.domain import add_tags, remove_tags
from members.models import Member
from visits.domain import book_visit, complete_visit


def asked() -> dict[str, str]:
    """First name -> why they leave, of everybody who has a message to come."""
    messages = AutomatedMessage.objects.filter(status="pending").select_related(
        "recipient", "enrolment__sequence", "enrolment__version"
    )
    reasons = why_leave(list(messages))
    return {
        message.recipient.first_name: reasons[message.pk] for message in messages if message.pk in reasons
    }


def decline(channel: str, address: str, topic: str = "") -> None:
    Suppression.objects.create(
        channel=channel, topic=topic, address=address, address_digest=digest_of_address(address),
        reason="unsubscribed",
    )  # fmt: skip


def test_nobody_leaves_without_a_reason(sequence: Callable[..., Any], ada: Any) -> None:
    enrol(sequence=sequence(), member=ada)
    assert asked() == {}


@pytest.mark.parametrize(
    ("status", "reason"),
    [("deceased", "deceased"), ("archived", "archived"), ("erased", "undeliverable"), ("inactive", None)],
)
def test_who_is_gone_leaves(sequence: Callable[..., Any], ada: Any, status: str, reason: str | None) -> None:
    enrol(sequence=sequence(), member=ada)
    Member.objects.filter(pk=ada.pk).update(membership_status=status)
    assert asked() == ({"Ada": reason} if reason else {})


def test_who_declined_leaves_unless_another_channel_is_still_to_come(
    sequence: Callable[..., Any], ada: Any
) -> None:
    mails, both = sequence(), sequence()
    add_step(sequence=both, message_type="sms", body_text="Hello")
    enrol(sequence=mails, member=ada)
    decline("email", ada.email, "events")
    assert asked() == {}
    decline("email", ada.email, "follow_up")
    assert asked() == {"Ada": "unsubscribed"}
    mails.enrolments.all().delete()
    enrol(sequence=both, member=ada)
    assert asked() == {}
    decline("sms", ada.phone)
    assert asked() == {"Ada": "unsubscribed"}


@pytest.mark.parametrize("ends", [True, False])
def test_a_reply_since_they_came_in_ends_it_where_the_sequence_says_so(
    sequence: Callable[..., Any], ada: Any, ends: bool
) -> None:
    message = enrol(sequence=sequence(exit_when_replied=ends), member=ada).messages.get()
    for minutes in (-5, 5):
        assert asked() == {}
        ProviderEvent.objects.create(
            event_id=f"test {minutes}",
            message=message,
            kind="replied",
            occurred_at=timezone.now() + timedelta(minutes=minutes),
        )
    assert asked() == ({"Ada": "replied"} if ends else {})


@pytest.mark.parametrize("ends", [True, False])
def test_a_visit_since_they_came_in_ends_it_where_the_sequence_says_so(
    sequence: Callable[..., Any], ada: Any, user: Any, ends: bool
) -> None:
    enrol(sequence=sequence(exit_when_visited=ends), member=ada)
    for days in (-1, 1):
        assert asked() == {}
        visit = book_visit(user=None, member=ada, scheduled_datetime=timezone.now() + timedelta(days=days))
        complete_visit(visit=visit, user=user("alice"))
    nobody_there = book_visit(user=None, member=ada, scheduled_datetime=timezone.now() + timedelta(days=2))
    complete_visit(visit=nobody_there, user=user("alice"), outcome="not_met")
    assert asked() == ({"Ada": "visited"} if ends else {})


def test_losing_the_tag_ends_it_for_those_whom_the_tag_brought(
    sequence: Callable[..., Any], ada: Any
) -> None:
    choir = sequence("tag_added", trigger_tag="Newcomers")
    enrol(sequence=choir, member=Member.objects.get(first_name="Mary"))
    add_tags(member_ids=[ada.pk], tags=["newcomers"])
    assert asked() == {}
    remove_tags(member_ids=[ada.pk], tags=["Newcomers"])
    assert asked() == {"Ada": "tag_removed"}


def test_any_number_is_asked_for_in_a_few_queries(sequence: Callable[..., Any]) -> None:
    welcome = sequence(exit_when_visited=True)
    Member.objects.bulk_create(
        Member(first_name=f"P{number}", last_name="Many", email=f"p{number}@many.example")
        for number in range(30)
    )
    enrol_many(sequence=welcome, members=list(Member.objects.all()))
    messages = list(
        AutomatedMessage.objects.select_related("recipient", "enrolment__sequence", "enrolment__version")
    )
    counts = []
    for some in (messages[:1], messages):
        with CaptureQueriesContext(connection) as captured:
            why_leave(some)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 3
