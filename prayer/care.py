"""Prayer requests in the order of what happened with a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from members.care import Moment, source
from members.models import Member

from . import visibility
from .models import PrayerRequest

LONGEST_TEXT = 300


def _page(request: PrayerRequest) -> str:
    return reverse("admin:prayer_prayerrequest_change", args=[request.pk])


@source("prayer", _("Prayer"), permission=visibility.READ)
def prayer_of(user: User, member: Member, before: datetime, count: int) -> Sequence[Moment]:
    """Their requests, when they were made and when they were answered. An anonymous one is not theirs for
    who may not know it. Two queries.
    """
    theirs = visibility.asked_by(user, member.pk)
    asked = theirs.filter(created_at__lt=before).order_by("-created_at", "-id")[:count]
    answered = theirs.filter(answered_at__lt=before).order_by("-answered_at", "-id")[:count]
    moments = [
        Moment(
            at=request.created_at,
            key=f"{request.pk}-asked",
            title=gettext("Asked for prayer: %(title)s") % {"title": request.title},
            text=request.description[:LONGEST_TEXT],
            url=_page(request),
            icon="folded_hands",
        )
        for request in asked
    ]
    moments += [
        Moment(
            at=request.answered_at,
            key=f"{request.pk}-answered",
            title=gettext("Prayer answered: %(title)s") % {"title": request.title},
            text=request.testimony[:LONGEST_TEXT],
            url=_page(request),
            icon="volunteer_activism",
        )
        for request in answered
        if request.answered_at is not None
    ]
    moments.sort(key=lambda moment: (moment.at, moment.key), reverse=True)
    return moments[:count]
