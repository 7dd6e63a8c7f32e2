"""Telling visitors' browsers apart: a random name in a signed cookie of our own, and nothing else in it."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

SALT = "prayer.browsers"
COOKIE = "__Host-prayer" if settings.HTTPS else "prayer"
LIFETIME = 400 * 24 * 3600


def browser_of(request: HttpRequest) -> str:
    """A digest of the browser's name, as it is stored with a prayer; empty where it has none."""
    try:
        name = request.get_signed_cookie(COOKIE, salt=SALT)
    except (KeyError, BadSignature):
        return ""
    return salted_hmac(SALT, str(name), algorithm="sha256").hexdigest()


def name_browser(request: HttpRequest, response: HttpResponse) -> None:
    """Gives the browser a name where it has none."""
    if not browser_of(request):
        response.set_signed_cookie(
            COOKIE,
            secrets.token_urlsafe(24),
            salt=SALT,
            max_age=LIFETIME,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
