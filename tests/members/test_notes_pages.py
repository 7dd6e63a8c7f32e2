"""Notes and confidential details on the page of a person."""

from __future__ import annotations

import pytest

from members.confidential import domain
from members.domain import create_member
from members.models import ConfidentialReading, MemberNote
from tenants.context import enter_church
from tests.members.member_pages import LIST, change
from tests.pages import text_of

SECRET = "Weeps at night, says Eli."


@pytest.fixture
def hannah(grace):
    with enter_church(grace):
        return create_member(first_name="Hannah", last_name="Ramah")


@pytest.fixture
def secret_note(grace, hannah, user):
    with enter_church(grace):
        return domain.add_note(member=hannah, body=SECRET, author=user("alice"), is_confidential=True)


def tab(person, key="notes"):
    return f"{change(person)}?tab={key}"


def below(person, rest):
    return f"{LIST}{person.pk}/{rest}"


def readings(grace):
    with enter_church(grace):
        return ConfidentialReading.objects.count()


def test_staff_writes_changes_and_removes_a_note(browser_session, hannah, grace):
    bob = browser_session("bob")
    page = bob.get(tab(hannah))
    assert "No note yet." in text_of(page)
    assert "is_confidential" not in page.content.decode()
    done = bob.post(below(hannah, "notes/"), {"body": "Moved <b>house</b>.\nNew phone."}, follow=True)
    assert "The note was added." in text_of(done)
    assert "Moved &lt;b&gt;house&lt;/b&gt;.<br>New phone." in done.content.decode()
    assert ", Bob" in text_of(done)
    with enter_church(grace):
        note = MemberNote.objects.get()
    one = below(hannah, f"notes/{note.pk}/")
    assert "Moved &lt;b&gt;house" in bob.get(one).content.decode()
    assert "The note was changed." in text_of(bob.post(one, {"body": "Moved."}, follow=True))
    asked = bob.get(f"{one}remove/")
    assert "This cannot be undone." in text_of(asked)
    assert "The note was deleted." in text_of(bob.post(f"{one}remove/", follow=True))
    with enter_church(grace):
        assert MemberNote.objects.count() == 0


def test_an_empty_note_is_said_on_the_form(browser_session, hannah):
    answer = browser_session("bob").post(below(hannah, "notes/"), {"body": "  "})
    assert answer.status_code == 200
    assert "This field is required." in text_of(answer)


def test_staff_cannot_smuggle_confidence_into_a_form(browser_session, hannah, grace):
    browser_session("bob").post(below(hannah, "notes/"), {"body": "x", "is_confidential": "on"})
    with enter_church(grace):
        assert MemberNote.objects.get().is_confidential is False


def test_a_confidential_note_is_shown_once_and_the_reading_is_written_down(
    browser_session, hannah, secret_note, grace
):
    alice = browser_session("alice")
    listed = alice.get(tab(hannah))
    assert SECRET not in listed.content.decode()
    assert "Confidential" in text_of(listed)
    assert readings(grace) == 0
    shown = alice.post(below(hannah, f"notes/{secret_note.pk}/show/"))
    assert SECRET in text_of(shown)
    assert "no-store" in shown.headers["Cache-Control"]
    assert readings(grace) == 1
    assert SECRET not in alice.get(tab(hannah)).content.decode()
    log = text_of(alice.get(tab(hannah, "confidential")))
    assert "Alice Note" in log


def test_the_form_of_a_confidential_note_is_a_reading(browser_session, hannah, secret_note, grace):
    opened = browser_session("alice").get(below(hannah, f"notes/{secret_note.pk}/"))
    assert SECRET in opened.content.decode()
    assert "no-store" in opened.headers["Cache-Control"]
    assert readings(grace) == 1


def test_for_staff_there_is_no_confidential_note(browser_session, hannah, secret_note, grace):
    bob = browser_session("bob")
    page = text_of(bob.get(tab(hannah)))
    assert "No note yet." in page
    for rest in ("", "remove/"):
        assert bob.get(below(hannah, f"notes/{secret_note.pk}/{rest}")).status_code == 404
        assert bob.post(below(hannah, f"notes/{secret_note.pk}/{rest}"), {"body": "x"}).status_code == 404
    assert bob.post(below(hannah, f"notes/{secret_note.pk}/show/")).status_code == 403
    assert readings(grace) == 0


def test_a_volunteer_is_offered_neither_tab(browser_session, hannah, secret_note):
    vera = browser_session("vera")
    page = vera.get(change(hannah)).content.decode()
    assert "?tab=notes" not in page
    assert "?tab=confidential" not in page
    assert SECRET not in vera.get(tab(hannah)).content.decode()
    assert vera.post(below(hannah, "notes/"), {"body": "x"}).status_code == 403


def test_details_are_masked_until_they_are_asked_for(browser_session, hannah, grace):
    alice = browser_session("alice")
    sent = {"national_id": "123-45-6789", "health": "Asthma", "safeguarding": ""}
    done = alice.post(below(hannah, "confidential/"), sent, follow=True)
    assert "The confidential details were changed." in text_of(done)
    masked = alice.get(tab(hannah, "confidential")).content.decode()
    assert "Asthma" not in masked
    assert "6789" not in masked
    assert readings(grace) == 0
    shown = alice.post(below(hannah, "confidential/show/"))
    assert "Asthma" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert readings(grace) == 1
    assert "Alice Confidential details" in text_of(alice.get(tab(hannah, "confidential")))


def test_details_are_the_pastors(browser_session, hannah):
    for actor in ("bob", "vera"):
        client = browser_session(actor)
        assert "?tab=confidential" not in client.get(change(hannah)).content.decode()
        for rest in ("confidential/", "confidential/show/"):
            assert client.post(below(hannah, rest), {"health": "x"}).status_code == 403


def test_notes_come_in_pages(browser_session, hannah, grace, user):
    with enter_church(grace):
        for number in range(25):
            domain.add_note(member=hannah, body=f"Note {number}.", author=user("bob"))
    bob = browser_session("bob")
    first = bob.get(tab(hannah))
    assert "Page 1 of 2" in text_of(first)
    assert "Note 24." in text_of(first)
    assert "Note 4." in text_of(bob.get(f"{tab(hannah)}&page=2"))
    assert bob.get(f"{tab(hannah)}&page=x").status_code == 200
