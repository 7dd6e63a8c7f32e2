"""Reads of one's own logins and browsers, as one list."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Value

from accounts.models import BrowserSession, LoginSession, User

COLUMNS = ("id", "kind", "created_at", "last_used_at", "user_agent", "address")
API, BROWSER = "api", "browser"


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def places_of(user: User) -> Any:
    """Where ``user`` is signed in, the last used first: rows of ``COLUMNS``, each a dictionary."""
    logins = LoginSession.objects.alive().filter(user=user).annotate(kind=_text(API), address=_text(""))
    browsers = BrowserSession.objects.alive().filter(user=user).annotate(kind=_text(BROWSER))
    return logins.values(*COLUMNS).union(browsers.values(*COLUMNS), all=True).order_by("-last_used_at", "id")
