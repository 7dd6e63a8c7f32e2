"""Everybody wants a place at the same moment, at a real server."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from tenants.context import enter_church
from tenants.models import Church

pytestmark = pytest.mark.slow
PLACES, GUESTS = 50, 200


async def post_all(url, path, bodies, headers):
    limits = httpx.Limits(max_connections=GUESTS)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        return await asyncio.gather(*[client.post(path, json=body, headers=headers) for body in bodies])


async def test_of_200_at_once_50_have_a_place_and_150_wait_in_order(own_database, web):
    from accounts.models import User
    from accounts.tokens import start_login
    from events.domain import create_event
    from events.models import EventRegistration

    church = await asyncio.to_thread(Church.objects.get, subdomain="grace")
    start = timezone.now() + timedelta(days=7)

    def prepare():
        with enter_church(church):
            event = create_event(
                title="Concert",
                start_datetime=start,
                end_datetime=start + timedelta(hours=2),
                max_attendees=PLACES,
            )
            return event, start_login(user=User.objects.get(email="bob@grace.example"))["access"]

    event, token = await asyncio.to_thread(prepare)
    server = await asyncio.to_thread(web, own_database)
    headers = {"Host": "grace.localhost", "Authorization": f"Bearer {token}"}
    bodies = [{"name": f"Guest {number}", "email": f"guest{number}@b.example"} for number in range(GUESTS)]
    answers = await post_all(server.url, f"/api/events/{event.pk}/register", bodies, headers)
    assert Counter(answer.status_code for answer in answers) == {201: GUESTS}
    assert Counter(answer.json()["status"] for answer in answers) == {
        "registered": PLACES,
        "waitlisted": GUESTS - PLACES,
    }

    def stored():
        with enter_church(church):
            rows = EventRegistration.objects.filter(event=event).order_by("number")
            return list(rows.values_list("number", "status", "registered_at", "email"))

    rows = await asyncio.to_thread(stored)
    assert [number for number, *_ in rows] == list(range(1, GUESTS + 1))
    assert [status for _, status, *_ in rows] == ["registered"] * PLACES + ["waitlisted"] * (GUESTS - PLACES)
    assert [at for _, _, at, _ in rows] == sorted(at for _, _, at, _ in rows)
    assert {email for *_, email in rows} == {body["email"] for body in bodies}
    # Fifty leave at once, and the first fifty who wait move up.
    leaving = [answer.json()["id"] for answer in answers if answer.json()["status"] == "registered"]
    async with httpx.AsyncClient(base_url=server.url, timeout=120) as client:
        await asyncio.gather(
            *[
                client.patch(
                    f"/api/events/{event.pk}/registrations/{key}",
                    json={"status": "cancelled"},
                    headers=headers,
                )
                for key in leaving
            ]
        )
    statuses = [status for _, status, *_ in await asyncio.to_thread(stored)]
    assert statuses == ["cancelled"] * PLACES + ["registered"] * PLACES + ["waitlisted"] * (
        GUESTS - 2 * PLACES
    )
