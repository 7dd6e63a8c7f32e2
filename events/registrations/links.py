"""The secret link by which somebody cancels without signing in.

It is signed and holds registration and church, so that it works only where it was made; it ends with the
registration's row.
"""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

from events.models import EventRegistration
from tenants.context import current_church

SALT = "events.registrations"


class InvalidLinkError(Exception):
    """The link is forged, of another church, or of a registration that is gone."""


def token_of(registration: EventRegistration) -> str:
    """The secret part of the link."""
    return signing.dumps(
        {"registration": str(registration.pk), "church": str(current_church().pk)}, salt=SALT
    )


def link_of(registration: EventRegistration) -> str:
    """The whole address."""
    return current_church().url + reverse("event_registration", args=[token_of(registration)])


def registration_of(token: str) -> EventRegistration:
    """Whose link it is. Raises InvalidLinkError."""
    try:
        content = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise InvalidLinkError from error
    if content.get("church") != str(current_church().pk):
        raise InvalidLinkError
    found = EventRegistration.objects.select_related("event", "member").filter(pk=content["registration"])
    registration = found.first()
    if registration is None:
        raise InvalidLinkError
    return registration
