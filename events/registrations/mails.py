"""What those who come, or wait for a place, are told by mail."""

from __future__ import annotations

from django.utils import translation

from events.models import EventRegistration
from events.occurrences import Occurrence
from events.words import when_of
from notifications.mail import mail_soon
from tenants.context import current_church

from .links import link_of

CONFIRMED = "confirmed"
WAITLISTED = "waitlisted"
PROMOTED = "promoted"
CANCELLED = "cancelled"
CHANGED = "changed"
REMINDER = "reminder"


def tell(registration: EventRegistration, what: str, occurrence: Occurrence) -> None:
    """Queues one of the mails above, sent if the transaction commits; nothing where no address is known."""
    with translation.override(current_church().language):
        values = {
            "name": registration.person_name,
            "title": occurrence.title,
            "when": when_of(occurrence),
            "place": occurrence.location,
            "link": link_of(registration),
        }
    mail_soon(to=registration.address, template=f"events/mail/{what}.txt", values=values)
