"""What the rest of the house sees of somebody's sequences: their page, the care for them, what is told to
them and what is left when they are erased.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from automation.enrolling.domain import enrol
from automation.models import AutomatedMessage, Enrolment, ProviderEvent
from automation.sequences.domain import remove_sequence
from members.care import links_to, moments_of
from members.models import Member
from members.personal_data.domain import erase_member, personal_data_of
from prayer.domain import change_request, submit_request
from tenants.context import enter_church


@pytest.fixture
def tab(browser_session: Any, ada: Any) -> Any:
    """``tab("alice")``: the page as the actor sees it."""

    def look(actor: str) -> str:
        page = browser_session(actor).get(f"/admin/members/member/{ada.pk}/change/?tab=sequences")
        assert page.status_code == 200
        return str(page.content.decode())

    return look


def test_the_pastor_begins_a_sequence_on_the_persons_page_and_takes_them_out(
    browser_session: Any, tab: Any, sequence: Any, ada: Any, inside: Any
) -> None:
    welcome = sequence()
    assert "In no sequence so far." in tab("alice")
    alice = browser_session("alice")
    base = f"/admin/members/member/{ada.pk}/sequences/"
    answer = alice.post(f"{base}add/", {"sequence": str(welcome.pk)}, follow=True)
    assert "The sequence begins for Ada Lovelace." in answer.content.decode()
    with enter_church(inside):
        enrolment = Enrolment.objects.get()
    again = alice.post(f"{base}add/", {"sequence": str(welcome.pk)}, follow=True)
    assert "in the sequence already" in again.content.decode()
    assert "Take out" in tab("alice")
    out = alice.post(f"{base}{enrolment.pk}/leave/", follow=True).content.decode()
    assert "gets nothing more" in out
    assert "Taken out by hand" in out
    # Staff have nothing to do with sequences.
    assert "In no sequence" not in tab("bob")
    assert browser_session("bob").post(f"{base}add/", {"sequence": str(welcome.pk)}).status_code == 403


def test_the_care_for_somebody_shows_their_way_and_what_was_sent(sequence: Any, ada: Any, user: Any) -> None:
    enrol(sequence=sequence(), member=ada)
    titles = [moment.title for _source, moment in moments_of(user=user("alice"), member=ada, count=20)]
    assert "Sequence “Welcome” (Under way)" in titles
    assert "Will be sent: Hello" in titles
    for actor in ("bob", "vera"):
        told = moments_of(user=user(actor), member=ada, count=20)
        assert not [moment for source, moment in told if source.name == "messages"]


def test_a_request_leads_to_its_sequence_and_tells_nobody_more_than_they_may_know(
    sequence: Any, ada: Any, user: Any, monkeypatch: Any
) -> None:
    sequence("prayer_request")
    request = submit_request(description="For my sister.", source="admin", member=ada).request

    def chain(reader: Any) -> list[str]:
        return [link.title for link in links_to(user=reader, kind="prayer_request", identifier=request.pk)]

    alice, bob = user("alice"), user("bob")
    assert chain(alice) == ["Sequence “Welcome” (Under way)"]
    assert chain(bob) == []
    # Somebody who may read sequences and nothing that is confidential.
    granted = {"automation:read", "prayer:read", "prayer:write"}
    monkeypatch.setattr(bob, "has_permission", lambda permission: permission in granted)
    assert chain(bob) == ["Sequence “Welcome” (Under way)"]
    assert len(moments_of(user=bob, member=ada, count=20, only="messages")) == 2
    change_request(request=request, user=alice, is_anonymous=True)
    assert chain(bob) == []
    assert moments_of(user=bob, member=ada, count=20, only="messages") == []
    assert chain(alice)


def test_somebody_is_told_everything_that_was_sent_to_them(sequence: Any, ada: Any, user: Any) -> None:
    message = enrol(sequence=sequence(), member=ada).messages.get()
    AutomatedMessage.objects.filter(pk=message.pk).update(status="sent", address=ada.email)
    told = {part["key"]: part["rows"] for part in personal_data_of(member=ada, user=user("anna"))["sections"]}
    assert told["sequences"][0]["sequence"] == "Welcome"
    assert (told["messages"][0]["subject"], told["messages"][0]["address"]) == ("Hello", ada.email)


def test_of_who_is_erased_numbers_are_left_and_nothing_more_is_sent(
    sequence: Any, ada: Any, user: Any
) -> None:
    enrolment = enrol(
        sequence=sequence(), member=ada, merge_values={"event": {"title": "Ada’s wedding", "start": ""}}
    )
    message = enrolment.messages.get()
    sent = AutomatedMessage.objects.create(
        enrolment=enrolment, recipient=ada, step=9, message_type="email", status="sent", address=ada.email,
        provider_id=ada.email, error_message=ada.email, scheduled_for=timezone.now(),
    )  # fmt: skip
    ProviderEvent.objects.create(
        event_id="x", message=sent, kind="delivered", occurred_at=timezone.now(), detail=ada.email
    )
    erase_member(member_id=ada.pk, user=user("anna"), reason="She asked for it.")
    message.refresh_from_db()
    enrolment.refresh_from_db()
    assert (message.status, enrolment.status, enrolment.merge_values) == ("skipped", "exited", {})
    left = [*AutomatedMessage.objects.values(), *Enrolment.objects.values(), *ProviderEvent.objects.values()]
    assert ada.email not in str(left)
    assert Member.everybody.get(pk=ada.pk).timezone == ""


def test_what_was_of_a_removed_sequence_stays_to_be_read(sequence: Any, ada: Any, tab: Any) -> None:
    welcome = sequence()
    enrol(sequence=welcome, member=ada)
    remove_sequence(sequence=welcome)
    assert "The sequence was removed" in tab("alice")
