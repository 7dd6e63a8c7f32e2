"""Reads of visits that more than one place uses."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import User

    from .models import Visit  # noqa: F401 - the base class names it in text

# Visits that take place: not those that were called off or moved elsewhere.
STANDING = ("scheduled", "completed")


class VisitQuerySet(models.QuerySet["Visit"]):
    def seen_by(self, user: User) -> VisitQuerySet:
        """The visits that exist for ``user``: all with ``visits:read``, else none."""
        return self if user.has_permission("visits:read") else self.none()

    def standing(self) -> VisitQuerySet:
        """Visits that take place or took place."""
        return self.filter(status__in=STANDING)

    def between(self, start: datetime, end: datetime) -> VisitQuerySet:
        """Visits that begin in ``[start, end)``."""
        return self.filter(scheduled_datetime__gte=start, scheduled_datetime__lt=end)

    def with_people(self) -> VisitQuerySet:
        """With whoever is visited and whoever visits, in the same query."""
        return self.select_related("member", "assigned_pastor")

    def to_follow_up(self) -> VisitQuerySet:
        """Visits after which somebody is to be looked after once more, the longest due first."""
        return self.filter(follow_up_on__isnull=False).order_by("follow_up_on", "id")

    def matching(self, text: str) -> VisitQuerySet:
        """Visits of whom every word of ``text`` is in the name, or in the place."""
        found = self
        for word in text.split()[:10]:
            found = found.filter(
                Q(visitor_name__icontains=word)
                | Q(location__icontains=word)
                | Q(member__first_name__icontains=word)
                | Q(member__last_name__icontains=word)
            )
        return found
