"""A page of the prayer wall, at the same cost wherever it lies, and what visitors say on it.

A page is found by the place of a request (when it was published, and its id) and not by counting the pages
before it, so that the thousandth costs what the first does.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .models import Prayer, PrayerRequest, PrayerUpdate

ON_PAGE = 20

Place = tuple[datetime, uuid.UUID]


@dataclass(frozen=True)
class WallPage:
    """``older`` and ``newer`` are places, as text, of the pages beside this one; empty at the ends."""

    requests: Sequence[PrayerRequest]
    older: str
    newer: str


def place_of(request: PrayerRequest) -> str:
    """The place of a request that is on the wall, as it stands in an address."""
    at = request.published_at
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S%f}-{request.pk.hex}" if at else ""


def place_from(text: str) -> Place | None:
    """The place that ``text`` names; None where it names none."""
    at, _dash, key = text.partition("-")
    try:
        return datetime.strptime(at, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC), uuid.UUID(hex=key)
    except ValueError:
        return None


def page_of_wall(*, behind: str = "", before: str = "") -> WallPage:
    """The requests behind a place, or before it, or the newest. Three queries.

    ``public_updates`` of each request are the texts that everybody may read.
    """
    wall = PrayerRequest.objects.on_the_wall().select_related("requester")
    if place := place_from(behind):
        rows = list(wall.behind(place)[: ON_PAGE + 1])
        older, newer, rows = len(rows) > ON_PAGE, True, rows[:ON_PAGE]
    elif place := place_from(before):
        rows = list(wall.before(place)[: ON_PAGE + 1])
        older, newer, rows = True, len(rows) > ON_PAGE, rows[:ON_PAGE][::-1]
    else:
        rows = list(wall[: ON_PAGE + 1])
        older, newer, rows = len(rows) > ON_PAGE, False, rows[:ON_PAGE]
    _read_public_updates(rows)
    return WallPage(
        rows,
        older=place_of(rows[-1]) if older and rows else "",
        newer=place_of(rows[0]) if newer and rows else "",
    )


def _read_public_updates(requests: Sequence[PrayerRequest]) -> None:
    public = PrayerUpdate.objects.filter(
        prayer_request__in=[request.pk for request in requests], audience=PrayerUpdate.Audience.PUBLIC
    )
    texts: dict[uuid.UUID, list[PrayerUpdate]] = {}
    for update in public.order_by("created_at", "id"):
        texts.setdefault(update.prayer_request_id, []).append(update)
    for request in requests:
        request.public_updates = texts.get(request.pk, [])  # type: ignore[attr-defined]  # read by the page


def prayed_for(requests: Sequence[PrayerRequest], *, browser: str) -> set[uuid.UUID]:
    """For which of the requests this browser has prayed."""
    if not browser:
        return set()
    keys = [request.pk for request in requests]
    said = Prayer.objects.filter(prayer_request__in=keys, browser=browser)
    return set(said.values_list("prayer_request_id", flat=True))
