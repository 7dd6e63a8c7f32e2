"""What a page of the prayer wall costs at its beginning and far behind, among 10,000 requests."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta

from bench import client, database, servers
from tenants.context import connection, enter_church
from tenants.models import Church

REQUESTS = 10_000
FAR_PAGE = 200
SUBDOMAIN = "praying"
REPEATS = 5


def church_that_prays() -> Church:
    """A church with that many requests on its wall, every fifth with an update; made where it is missing."""
    from prayer.models import PrayerRequest, PrayerUpdate

    church = database.church_with(SUBDOMAIN, 0)
    with enter_church(church):
        if PrayerRequest.objects.count() == REQUESTS:
            return church
        PrayerRequest.objects.all().delete()
        begin = datetime(2026, 1, 1, tzinfo=UTC)
        made = PrayerRequest.objects.bulk_create(
            [
                PrayerRequest(
                    title=f"Request {number}",
                    description="Pray for my family and for what lies before us. " * (1 + number % 6),
                    guest_name=f"Ruth {number}" if number % 3 else None,
                    category="family",
                    source="wall",
                    moderation="published",
                    published_at=begin + timedelta(minutes=number),
                    prayed_count=number % 40,
                )
                for number in range(REQUESTS)
            ],
            batch_size=1_000,
        )
        updates = [
            PrayerUpdate(prayer_request=request, update_text="She is better.", audience="public")
            for request in made[::5]
        ]
        PrayerUpdate.objects.bulk_create(updates, batch_size=1_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return church


def path_of_page(number: int) -> str:
    """The address that one gets to by as many times "Older"."""
    from prayer.models import PrayerRequest
    from prayer.wall import ON_PAGE, place_of

    if number == 1:
        return "/prayer/"
    last = PrayerRequest.objects.on_the_wall()[(number - 1) * ON_PAGE - 1]
    return f"/prayer/?older={place_of(last)}"


def wall(seconds: float) -> dict[int, float]:
    """Median milliseconds of the first and of a far page; both in turns, from one process."""
    church = church_that_prays()
    with enter_church(church):
        messages = {
            number: client.request_bytes(path_of_page(number), church.host) for number in (1, FAR_PAGE)
        }
    medians: dict[int, list[float]] = {number: [] for number in messages}
    with servers.web() as port:
        for message in messages.values():
            client.load(port, message, connections=1, seconds=seconds / 4)
        for _turn in range(REPEATS):
            for number, message in messages.items():
                found = client.load(port, message, connections=1, seconds=seconds / (2 * REPEATS))
                medians[number].append(found.median)
    return {number: statistics.median(found) for number, found in medians.items()}
