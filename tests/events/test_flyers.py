"""A picture or a PDF that says what an event is about."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from events.domain import duplicate_event, remove_event
from events.models import Event
from files.models import StoredFile
from tests.files import samples
from tests.pages import text_of


def upload(client, event, content=samples.PDF, name="flyer.pdf"):
    file = SimpleUploadedFile(name, content)
    return client.post(f"/admin/events/event/{event.pk}/flyer/", {"file": file}, follow=True)


@pytest.fixture
def bob(browser_session):
    return browser_session("bob")


def test_a_flyer_is_shown_to_everybody_who_sees_the_event(bob, visitor, new_event, work_queue):
    event = new_event()
    assert "The flyer was saved." in text_of(upload(bob, event))
    page = visitor.get(f"/events/{event.pk}/")
    assert "Flyer" in text_of(page)
    address = page.content.decode().partition('class="flyer" href="')[2].partition('"')[0]
    answer = visitor.get(address)
    assert (answer.status_code, b"".join(answer.streaming_content)[:5]) == (200, b"%PDF-")
    assert "flyer.pdf" in text_of(bob.get(f"/admin/events/event/{event.pk}/registrations/"))


def test_another_flyer_replaces_it_and_a_copy_keeps_its_own(bob, new_event):
    event = new_event()
    upload(bob, event)
    copy = duplicate_event(event=Event.objects.get(pk=event.pk))
    upload(bob, event, name="second.pdf")
    assert StoredFile.objects.count() == 2
    bob.post(f"/admin/events/event/{event.pk}/flyer/", {"remove": "1"})
    assert [file.name for file in StoredFile.objects.all()] == ["flyer.pdf"]
    assert Event.objects.get(pk=copy.pk).flyer.name == "flyer.pdf"
    remove_event(event=copy)
    assert not StoredFile.objects.exists()


def test_what_is_no_flyer_is_refused(bob, new_event):
    event = new_event()
    assert "The flyer was saved." not in text_of(upload(bob, event, content=b"<script>", name="x.html"))
    assert Event.objects.get(pk=event.pk).flyer is None
