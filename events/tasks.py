"""Jobs of events: thin, a door does the work."""

from __future__ import annotations

from tenants.tasks import church_job

from .models import Event, EventRegistration
from .registrations.domain import refill_event_of


@church_job
def refill() -> None:
    """Gives places that became free to those who wait, of every event for which somebody waits."""
    waiting = EventRegistration.objects.filter(status=EventRegistration.Status.WAITLISTED).order_by()
    for event in Event.objects.filter(pk__in=waiting.values("event")):
        refill_event_of(event=event)
