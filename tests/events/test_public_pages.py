"""The pages of events for who is not signed in."""

from __future__ import annotations

import pytest
from django.test import Client

from events.domain import change_event
from events.models import EventRegistration
from events.registrations.domain import register
from events.registrations.links import token_of
from tests.events.conftest import staying
from tests.pages import text_of

GUEST = {"name": "Ann", "email": "ann@guests.example"}


def test_a_visitor_finds_an_event_registers_and_cancels(visitor, new_event, mails, mailoutbox):
    event = new_event(max_attendees=1, location="<b>Garden</b>")
    new_event(title="Closed meeting", visibility="members")
    page = visitor.get("/events/")
    assert "Picnic" in text_of(page)
    assert "1 place left" in text_of(page)
    assert "Closed meeting" not in text_of(page)
    assert "&lt;b&gt;Garden" in page.content.decode()
    one = f"/events/{event.pk}/"
    done = visitor.post(one, GUEST, follow=True)
    assert "Thank you." in text_of(done)
    assert mails() == [("ann@guests.example", "You are registered: Picnic")]
    link = next(word for word in mailoutbox[0].body.split() if "/events/registrations/" in word)
    path = link[link.index("/events/") :]
    assert "You can put yourself on the wait list" in text_of(visitor.get(one))
    visitor.post(one, {"name": "Ben", "email": "ben@guests.example"})
    assert [row.status for row in EventRegistration.objects.order_by("number")] == [
        "registered",
        "waitlisted",
    ]
    # Mail programs follow links; that cancels nothing.
    looked = visitor.get(path)
    assert "You are registered." in text_of(looked)
    assert looked["Referrer-Policy"] == "same-origin"
    assert "Your registration is cancelled." in text_of(visitor.post(path, follow=True))
    assert [row.status for row in EventRegistration.objects.order_by("number")] == ["cancelled", "registered"]


def test_who_registers_twice_learns_no_more_on_the_page_than_anybody_else(visitor, new_event, mails):
    event = new_event()
    register(event=event, **GUEST)
    mails()
    done = visitor.post(f"/events/{event.pk}/", GUEST, follow=True)
    assert "Thank you." in text_of(done)
    assert mails() == [("ann@guests.example", "You are registered: Picnic")]
    assert EventRegistration.objects.count() == 1


def test_a_program_that_fills_in_everything_registers_nobody(visitor, new_event):
    event = new_event()
    done = visitor.post(f"/events/{event.pk}/", {**GUEST, "website": "https://spam.example"}, follow=True)
    assert "Thank you." in text_of(done)
    assert not EventRegistration.objects.exists()


@pytest.mark.parametrize("data", [{}, {"name": "Ann"}, {"name": "Ann", "email": "nonsense"}])
def test_what_is_missing_is_said(visitor, new_event, data):
    answer = visitor.post(f"/events/{new_event().pk}/", data)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_an_address_registers_ten_times_in_a_quarter_of_an_hour(visitor, new_event):
    event = new_event()
    answers = [
        visitor.post(f"/events/{event.pk}/", {"name": "A", "email": f"a{number}@b.example"})
        for number in range(11)
    ]
    assert [answer.status_code for answer in answers] == [302] * 10 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_nobody_registers_without_a_form_of_ours(new_event):
    event = new_event()
    strict = Client(HTTP_HOST="grace.localhost", enforce_csrf_checks=True)
    assert strict.post(f"/events/{event.pk}/", GUEST).status_code == 403


def test_what_is_not_for_everybody_or_needs_no_registration_takes_none(visitor, new_event):
    closed, open_to_all = new_event(visibility="staff"), new_event(registration_required=False)
    assert visitor.get(f"/events/{closed.pk}/").status_code == 404
    assert visitor.post(f"/events/{closed.pk}/", GUEST).status_code == 404
    assert visitor.post(f"/events/{open_to_all.pk}/", GUEST).status_code == 400
    assert not EventRegistration.objects.exists()


def test_each_date_of_a_series_has_its_page(visitor, new_event):
    event = new_event(recurrence="FREQ=WEEKLY")
    second = event.series.first_from(event.start_datetime, most=2)[1]
    change_event(event=event, scope="one", occurrence_start=second, title="Outdoors")
    page = visitor.get("/events/").content.decode()
    address = f"/events/{event.pk}/?on={second:%Y%m%dT%H%M%SZ}"
    assert address in page
    assert "Outdoors" in text_of(visitor.get(address))
    visitor.post(address, GUEST)
    assert EventRegistration.objects.get().occurrence_start == second
    assert visitor.get(f"/events/{event.pk}/?on=20200101T000000Z").status_code == 404


def test_a_link_of_another_church_or_a_forged_one_leads_nowhere(visitor, new_event, in_grace):
    token = token_of(register(event=new_event(), **GUEST))
    assert visitor.get(f"/events/registrations/{token}/").status_code == 200
    assert (
        staying(Client(HTTP_HOST="hope.localhost"), in_grace)
        .get(f"/events/registrations/{token}/")
        .status_code
        == 404
    )
    assert visitor.post(f"/events/registrations/{token[:-1]}x/").status_code == 404
    assert EventRegistration.objects.get().status == "registered"


def test_the_pages_speak_spanish_and_load_no_script(visitor, new_event, grace):
    from tenants.domain import change_settings

    change_settings(church=grace, language="es")
    page = visitor.get(f"/events/{new_event().pk}/").content.decode()
    assert '<html lang="es">' in page
    assert "<script" not in page
