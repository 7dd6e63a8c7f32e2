"""The list of those who must not be written to, and its doors."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from automation.consent import domain
from automation.consent.reading import suppressed
from automation.models import Suppression
from core import context
from core.models import HistoryEntry
from members.personal_data.domain import erase_member
from tenants.context import enter_church


@pytest.fixture
def inside(grace):
    with enter_church(grace):
        yield grace


def about(entry_of):
    return list(HistoryEntry.objects.filter(about=entry_of.pk).values_list("action", flat=True))


def test_an_address_is_declined_once_however_it_is_written(inside):
    first = domain.suppress(channel="email", address="Jane@Example.org ", topic="news", reason="unsubscribed")
    again = domain.suppress(channel="email", address="jane@example.org", topic="news", reason="unsubscribed")
    assert first == again
    assert first.address == "jane@example.org"
    assert len(about(first)) == 1


def test_what_is_declined_counts_for_that_topic_and_channel_and_without_a_topic_for_all(inside):
    domain.suppress(channel="email", address="a@example.org", topic="news", reason="unsubscribed")
    domain.suppress(channel="email", address="b@example.org", reason="bounced")
    asked = {"A@example.org", "b@example.org", "c@example.org"}
    assert suppressed(channel="email", addresses=asked, topic="news") == {"A@example.org", "b@example.org"}
    assert suppressed(channel="email", addresses=asked, topic="prayer") == {"b@example.org"}
    assert suppressed(channel="sms", addresses=asked, topic="news") == set()


def test_the_weightier_reason_stays(inside):
    for reason in ("by_hand", "complained", "bounced"):
        domain.suppress(channel="email", address="a@example.org", reason=reason)
    assert Suppression.objects.get().reason == "complained"


def test_lifting_takes_one_topic_or_all_and_stands_in_the_history(inside):
    entries = [
        domain.suppress(channel="email", address="a@example.org", topic=topic, reason="unsubscribed")
        for topic in ("", "news", "prayer")
    ]
    assert domain.lift(channel="email", address="A@example.org", topic="") == 1
    assert domain.lift(channel="email", address="a@example.org") == 2
    assert domain.lift(channel="email", address="a@example.org") == 0
    assert all(len(about(entry)) == 2 for entry in entries)


@pytest.mark.parametrize(("reason", "channel"), [("complained", "email"), ("stop", "sms")])
def test_what_only_the_person_can_take_back_the_church_cannot(inside, reason, channel):
    entry = domain.suppress(channel=channel, address="+12175550199", reason=reason)
    with pytest.raises(ValidationError, match="Only they can change that"):
        domain.lift_by_church(suppression=entry)
    assert domain.lift(channel=channel, address="+12175550199") == 1


def test_who_entered_something_by_hand_is_known_and_it_can_be_lifted(inside, user):
    entry = domain.add_by_hand(channel="sms", address="(217) 555-0199", user=user("alice"))
    assert (entry.address, entry.topic, entry.reason) == ("+12175550199", "", "by_hand")
    assert entry.created_by == user("alice")
    domain.lift_by_church(suppression=entry)
    with pytest.raises(Suppression.DoesNotExist):
        domain.lift_by_church(suppression=entry)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"channel": "email", "address": "nonsense"}, "address"),
        ({"channel": "sms", "address": "nonsense"}, "address"),
        ({"channel": "sms", "address": "217 555 0199 ext. 3"}, "address"),
        ({"channel": "email", "address": f"{'a' * 60}@{'b.' * 120}org"}, "address"),
        ({"channel": "pigeon", "address": "a@example.org"}, "channel"),
        ({"channel": "email", "address": "a@example.org", "topic": "weather"}, "topic"),
    ],
)
def test_what_is_no_address_channel_or_topic_is_refused(inside, values, field):
    with pytest.raises(ValidationError) as refusal:
        domain.add_by_hand(**values)
    assert list(refusal.value.message_dict) == [field]


def test_the_wish_outlives_the_person_and_their_address_does_not(grace, user, written):
    message = written(address="jane@elsewhere.example")
    with enter_church(grace), context.working_for(user("anna"), come_from="admin"):
        for address in ("jane@example.org", "jane@elsewhere.example"):
            domain.suppress(channel="email", address=address, reason="unsubscribed")
        erase_member(member_id=message.recipient_id, user=user("anna"), reason="asked for it")
        assert list(Suppression.objects.values_list("address", flat=True)) == ["", ""]
        asked = {"jane@example.org", "jane@elsewhere.example"}
        assert suppressed(channel="email", addresses=asked, topic="news") == asked
        told = HistoryEntry.objects.filter(kind="automation.suppression")
        assert told.count() == 2
        assert not [entry for entry in told if "jane@" in f"{entry.changes} {entry.object_repr}"]
        # An import brings them back, and they decline once more.
        again = domain.suppress(channel="email", address="jane@example.org", reason="unsubscribed")
        assert again.address == "jane@example.org"
        assert Suppression.objects.count() == 2
