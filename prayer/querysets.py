"""Reads of prayer requests that more than one place uses."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from members.search import words

if TYPE_CHECKING:
    from .models import PrayerRequest  # noqa: F401 - a base class names it in text

MOST_WORDS = 8


def on_the_wall() -> Q:
    """What visitors see; also the condition of the index by which a page of the wall is found."""
    return Q(moderation="published", is_public=True, status__in=["active", "answered"])


class PrayerRequestQuerySet(models.QuerySet["PrayerRequest"]):
    def on_the_wall(self) -> PrayerRequestQuerySet:
        """What visitors see, the newest first."""
        return self.filter(on_the_wall()).order_by("-published_at", "-id")

    def behind(self, place: tuple[datetime, uuid.UUID]) -> PrayerRequestQuerySet:
        """Of the wall, what comes after ``place`` (``published_at`` and id), in the wall's order."""
        at, key = place
        # The first condition alone is what the index is entered by.
        return self.filter(published_at__lte=at).filter(Q(published_at__lt=at) | Q(id__lt=key))

    def before(self, place: tuple[datetime, uuid.UUID]) -> PrayerRequestQuerySet:
        """Of the wall, what comes before ``place``, the nearest first."""
        at, key = place
        later = self.filter(published_at__gte=at).filter(Q(published_at__gt=at) | Q(id__gt=key))
        return later.order_by("published_at", "id")

    def by_need(self) -> PrayerRequestQuerySet:
        """Urgent first, then those for whom the fewest have prayed, then the oldest."""
        urgent_first: Any = Case(
            When(priority="urgent", then=Value(0)), default=Value(1), output_field=IntegerField()
        )
        return self.order_by(urgent_first, "prayed_count", "created_at", "id")

    def to_review(self) -> PrayerRequestQuerySet:
        """What somebody wrote and nobody has looked at."""
        return self.filter(moderation="pending", status="active")

    def prayed_by(self, user: Any) -> PrayerRequestQuerySet:
        """With ``have_prayed``: whether ``user`` has said that they prayed."""
        # Deferred: the models stand on this module.
        from .models import Prayer

        said = Prayer.objects.filter(prayer_request=OuterRef("pk"), user=user)
        return self.annotate(have_prayed=Exists(said))

    def not_prayed_by(self, user: Any) -> PrayerRequestQuerySet:
        """Those for which ``user`` has not prayed."""
        # Deferred for the same reason.
        from .models import Prayer

        return self.exclude(Exists(Prayer.objects.filter(prayer_request=OuterRef("pk"), user=user)))

    def matching(self, text: str) -> PrayerRequestQuerySet:
        """Requests with every word of ``text`` in title or text. Never looks at who asked."""
        found = self
        for word in text.split()[:MOST_WORDS]:
            found = found.filter(Q(title__icontains=word) | Q(description__icontains=word))
        return found if words(text) else self.none() if text.strip() else self
