"""The care for a person in one order: what stands there, and for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.care import Moment, moments_of, timeline
from members.confidential import domain
from members.models import Member, MemberNote
from tenants.context import enter_church


@pytest.fixture
def ada(grace, user):
    with enter_church(grace):
        person = Member.objects.get(last_name="Lovelace")
        domain.add_note(member=person, body="Sings <b>alto</b> now.", author=user("bob"))
        domain.add_note(member=person, body="Weeps at night.", author=user("alice"), is_confidential=True)
        return person


def shown_to(browser_session, actor, person, query=""):
    page = browser_session(actor).get(f"/admin/members/member/{person.pk}/change/?tab=care{query}")
    assert page.status_code == 200
    return page.content.decode()


def test_notes_stand_in_it_as_far_as_each_may_know(browser_session, ada):
    pastor, staff = (shown_to(browser_session, actor, ada) for actor in ("alice", "bob"))
    for page in (pastor, staff):
        assert "Sings &lt;b&gt;alto&lt;/b&gt; now." in page
        assert "Weeps" not in page
    assert "Confidential note" in pastor
    assert "Confidential note" not in staff
    assert "Sings" not in shown_to(browser_session, "vera", ada)


@pytest.fixture
def planned(monkeypatch):
    """A source of another room, for this test alone."""
    monkeypatch.setattr(timeline, "sources", dict(timeline.sources))

    @timeline.source("visits", "Visits", permission="visits:read")
    def visits_of(user, member, before, count):
        later = timezone.now() + timedelta(days=3)
        found = [Moment(later, "visit-1", "Visit planned", url="/admin/", who="Alice")]
        return [moment for moment in found if moment.at < before]


def test_a_room_above_adds_its_own_for_whom_it_concerns(browser_session, ada, planned):
    page = shown_to(browser_session, "bob", ada)
    assert page.index("Visit planned") < page.index("Sings")
    assert "Planned" in page
    assert "Visit planned" not in shown_to(browser_session, "vera", ada)
    assert "Visit planned" not in shown_to(browser_session, "bob", ada, "&of=notes")
    assert "Sings" not in shown_to(browser_session, "bob", ada, "&of=visits")


def test_older_moments_follow_on_the_next_page_and_none_is_lost(browser_session, ada, grace, user):
    with enter_church(grace):
        start = timezone.now() - timedelta(days=100)
        for number in range(70):
            note = domain.add_note(member=ada, body=f"Number {number:03} of many", author=user("bob"))
            MemberNote.objects.filter(pk=note.pk).update(created_at=start + timedelta(hours=number))
    seen, query = [], ""
    for _page in range(5):
        page = shown_to(browser_session, "bob", ada, query)
        seen += [number for number in range(70) if f"Number {number:03}" in page]
        if "&amp;before=" not in page:
            break
        query = "&before=" + page.split("&amp;before=")[1].split('"')[0]
    assert sorted(seen) == list(range(70))
    assert shown_to(browser_session, "bob", ada, "&before=nonsense&of=nothing")


def test_it_costs_the_same_for_one_and_for_thirty(ada, grace, user):
    def queries():
        with enter_church(grace), CaptureQueriesContext(connection) as captured:
            moments_of(user=user("alice"), member=ada, count=30)
        return len([query for query in captured if "member_notes" in query["sql"]])

    before = queries()
    with enter_church(grace):
        for number in range(30):
            domain.add_note(member=ada, body=f"Number {number}", author=user("bob"))
    assert queries() == before == 1
