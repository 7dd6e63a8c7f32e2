"""The page for praying together, one request after the other."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext

from prayer import visibility
from prayer.models import PrayerRequest
from prayer.praying import pray

from .presentation import prayer_pages, request_url, shown, state_marks, who_asked

# Those that were left out in this sitting stand in the address.
MOST_LEFT_OUT = 40


def _left_out(text: str) -> list[uuid.UUID]:
    found = []
    for part in text.split(".")[-MOST_LEFT_OUT:]:
        try:
            found.append(uuid.UUID(hex=part))
        except ValueError:
            continue
    return found


def _written(left_out: list[uuid.UUID]) -> str:
    return ".".join(key.hex for key in left_out[-MOST_LEFT_OUT:])


def to_pray_for(user: Any) -> Any:
    """Active requests for which ``user`` has not prayed: the urgent, then the least prayed for."""
    looked_at = Q(moderation=PrayerRequest.Moderation.PUBLISHED) | Q(priority=PrayerRequest.Priority.URGENT)
    active = visibility.requests_for(user).filter(looked_at, status=PrayerRequest.Status.ACTIVE)
    return active.not_prayed_by(user).by_need()


@prayer_pages.page("session/", "prayer_session", permission=visibility.READ, methods=["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """The next request; posting says that one has prayed for it, or leaves it for later."""
    user: Any = request.user
    left_out = _left_out((request.POST if request.method == "POST" else request.GET).get("later", ""))
    if request.method == "POST":
        return _next(request, left_out)
    waiting = to_pray_for(user)
    prayer = waiting.exclude(pk__in=left_out).select_related("requester").first()
    content: dict[str, Any] = {"number": waiting.count(), "later": _written(left_out), "prayer": prayer}
    if prayer is not None:
        content |= {
            "who": who_asked(user, prayer),
            "marks": state_marks(prayer),
            "updates": visibility.updates_for(user, prayer),
            "url": request_url(prayer),
        }
    return shown(request, "prayer/session.html", gettext("Pray together"), **content)


def _next(request: HttpRequest, left_out: list[uuid.UUID]) -> HttpResponse:
    user: Any = request.user
    try:
        key = uuid.UUID(request.POST.get("prayer", ""))
    except ValueError as error:
        raise Http404 from error
    prayer = get_object_or_404(visibility.requests_for(user), pk=key)
    if request.POST.get("verb") == "later":
        left_out = [*left_out, prayer.pk]
    else:
        pray(request=prayer, user=user)
    later = _written(left_out)
    address = reverse("admin:prayer_session")
    return HttpResponseRedirect(f"{address}?later={later}" if later else address)
