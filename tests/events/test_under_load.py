"""Everybody wants a place at the same moment, at a real server."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tokens import start_login
from events.domain import create_event
from events.models import EventRegistration
from tenants.context import enter_church
from tenants.models import Church

pytestmark = pytest.mark.slow
PLACES, GUESTS = 50, 200


def at_once(url: str, token: str, requests: list[tuple[str, str, Any]]) -> list[httpx.Response]:
    """The answers to all requests (method, path, body), sent at the same moment."""
    headers = {"Host": "grace.localhost", "Authorization": f"Bearer {token}"}

    async def send() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=GUESTS)
        async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, headers=headers) as client:
            return await asyncio.gather(*[client.request(m, path, json=body) for m, path, body in requests])

    return asyncio.run(send())


def test_of_200_at_once_50_have_a_place_and_150_wait_in_order(own_database, web):
    with enter_church(Church.objects.get(subdomain="grace")):
        start = timezone.now() + timedelta(days=7)
        end = start + timedelta(hours=2)
        event = create_event(title="Concert", start_datetime=start, end_datetime=end, max_attendees=PLACES)
        token = start_login(user=User.objects.get(email="bob@grace.example"))["access"]
        server = web(own_database)
        one = f"/api/events/{event.pk}"
        guests = [{"name": f"Guest {n}", "email": f"guest{n}@guests.example"} for n in range(GUESTS)]
        answers = at_once(server.url, token, [("POST", f"{one}/register", guest) for guest in guests])
        assert Counter((a.status_code, a.json().get("status")) for a in answers) == {
            (201, "registered"): PLACES,
            (201, "waitlisted"): GUESTS - PLACES,
        }
        rows = list(EventRegistration.objects.filter(event=event).order_by("number"))
        assert [row.number for row in rows] == list(range(1, GUESTS + 1))
        assert [row.status for row in rows] == ["registered"] * PLACES + ["waitlisted"] * (GUESTS - PLACES)
        assert [row.registered_at for row in rows] == sorted(row.registered_at for row in rows)
        assert {row.email for row in rows} == {guest["email"] for guest in guests}
        # All who have a place leave at once, and as many of those who wait move up, in their order.
        leaving = [
            ("PATCH", f"{one}/registrations/{row.pk}", {"status": "cancelled"}) for row in rows[:PLACES]
        ]
        assert {answer.status_code for answer in at_once(server.url, token, leaving)} == {200}
        statuses = EventRegistration.objects.filter(event=event).order_by("number")
        assert list(statuses.values_list("status", flat=True)) == (
            ["cancelled"] * PLACES + ["registered"] * PLACES + ["waitlisted"] * (GUESTS - 2 * PLACES)
        )
