"""The secret link by which a requester comes back, anonymously or not.

The secret is 256 bits: an HMAC of the request's id under the program's secret key. Only its digest is
stored, so that neither the database nor a backup opens anything; mails that go out later can make it again
as long as the key is the same. Nobody can have a lost link sent: it is the only proof of whose it is.
"""

from __future__ import annotations

import base64

from django.utils.crypto import constant_time_compare, salted_hmac

from core.link_secrets import digest_of
from tenants.context import current_church

from .models import PrayerRequest

SALT = "prayer.links"


def secret_of(request: PrayerRequest) -> str:
    """The secret (URL-safe text of 43 characters) that belongs to the request."""
    digest = salted_hmac(SALT, str(request.pk), algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def link_to(secret: str) -> str:
    """The address of the requester's page, whole."""
    return f"{current_church().url}/prayer/mine/{secret}/"


def link_of(request: PrayerRequest) -> str:
    """The requester's link once more; empty where the key has changed since, or there is none."""
    secret = secret_of(request)
    return link_to(secret) if constant_time_compare(digest_of(secret), request.secret_digest) else ""


def request_behind(secret: str) -> PrayerRequest:
    """The request that ``secret`` opens. Raises PrayerRequest.DoesNotExist."""
    return PrayerRequest.objects.select_related("requester").get(secret_digest=digest_of(secret))
