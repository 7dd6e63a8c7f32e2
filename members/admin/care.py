"""The tab that tells the care for a person in one order."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from members.care import EVER, moments_of, sources_for
from members.models import Member

from .person_page import person_page, person_url

MOMENTS_SHOWN = 30


@person_page.tab("care", _("Care"), "members/care_tab.html", position=20)
def care_tab(request: HttpRequest, person: Member) -> dict[str, Any]:
    """A page of what happened with the person, the newest first, as whoever asks may see it."""
    user: Any = request.user
    offered = sources_for(user)
    chosen = request.GET.get("of", "")
    only = chosen if chosen in {source.name for source in offered} else ""
    found = moments_of(user=user, member=person, before=_before(request), count=MOMENTS_SHOWN + 1, only=only)
    shown = found[:MOMENTS_SHOWN]
    entries: list[dict[str, Any]] = [
        {"source": source, "moment": moment, "url": _url(moment, person)} for source, moment in shown
    ]
    now = timezone.now()
    return {
        "days": [
            {"day": day, "entries": list(of_day), "is_planned": day > timezone.localdate(now)}
            for day, of_day in groupby(entries, key=lambda entry: timezone.localdate(entry["moment"].at))
        ],
        "sources": [
            {"title": source.title, "url": _address(person, of=source.name), "is_chosen": source.name == only}
            for source in offered
        ],
        "all_url": _address(person),
        "only": only,
        "older_url": _address(person, of=only, before=shown[-1][1].at.isoformat())
        if len(found) > MOMENTS_SHOWN
        else "",
        "is_first_page": "before" not in request.GET,
    }


def _before(request: HttpRequest) -> datetime:
    try:
        moment = parse_datetime(request.GET.get("before", ""))
    except ValueError:
        moment = None
    return moment if moment is not None and timezone.is_aware(moment) else EVER


def _url(moment: Any, person: Member) -> str:
    return person_url(person, moment.tab) if moment.tab else moment.url


def _address(person: Member, **chosen: str) -> str:
    asked = urlencode({name: value for name, value in chosen.items() if value})
    return person_url(person, "care") + (f"&{asked}" if asked else "")
