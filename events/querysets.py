"""Reads of events that more than one place uses."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

if TYPE_CHECKING:
    from .models import Event, EventRegistration  # noqa: F401 - the base classes name them in text


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: Any) -> EventQuerySet:
        """What ``user`` may see: those for staff are for who may change events."""
        if user.has_permission("events:write"):
            return self.all()
        return self.exclude(visibility="staff")

    def public(self) -> EventQuerySet:
        """What anybody may see."""
        return self.filter(visibility="public")

    def touching(self, start: datetime, end: datetime) -> EventQuerySet:
        """Events of which an occurrence may lie between the two times."""
        own = Q(start_datetime__lt=end) & (Q(last_end=None) | Q(last_end__gt=start))
        exceptions: Any = self.model._meta.get_field("exceptions").related_model
        elsewhere = exceptions.objects.filter(
            event=OuterRef("pk"), start_datetime__lt=end, end_datetime__gt=start
        )
        return self.filter(own | Exists(elsewhere))

    def from_now_first(self, now: datetime) -> EventQuerySet:
        """What is still to come by its start, then what is over, the latest first."""
        is_over = Case(When(last_end__lte=now, then=Value(True)), default=Value(False))
        return self.annotate(is_over=is_over).order_by(
            "is_over",
            Case(When(is_over=False, then=F("start_datetime"))),
            F("start_datetime").desc(),
            "id",
        )

    def matching(self, text: str) -> EventQuerySet:
        """Events with every word of ``text`` in title, place or description."""
        found = self
        for word in text[:200].split():
            found = found.filter(
                Q(title__icontains=word) | Q(location__icontains=word) | Q(description__icontains=word)
            )
        return found


class RegistrationQuerySet(models.QuerySet["EventRegistration"]):
    def holding_places(self) -> RegistrationQuerySet:
        """Those who have a place, or had one and came."""
        return self.filter(status__in=["registered", "attended"])

    def active(self) -> RegistrationQuerySet:
        """All but those who cancelled."""
        return self.exclude(status="cancelled")

    def waiting(self) -> RegistrationQuerySet:
        """The wait list, first come first."""
        return self.filter(status="waitlisted").order_by("number")
