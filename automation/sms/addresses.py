"""Where the provider of text messages finds this installation."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from tenants.models import Church


def platform_url() -> str:
    """Scheme, host and port of the platform, as others reach it."""
    return f"{settings.PUBLIC_SCHEME}://{settings.BASE_DOMAIN}{settings.PUBLIC_PORT_SUFFIX}"


def status_url(church: Church, message_id: UUID) -> str:
    """Where what became of a message is reported. What stands in it is under the provider's signature."""
    path = reverse("twilio_status", urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    return f"{platform_url()}{path}?{urlencode({'church': church.pk, 'message': message_id})}"
