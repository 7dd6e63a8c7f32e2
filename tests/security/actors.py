"""Everybody who may knock at Grace's door: its own people, and those who must stay outside."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from tenants.context import enter_church, outside_churches

GRACE = "grace.localhost"
HOPE = "hope.localhost"
PLATFORM = "localhost"

# Roles and the actors of tests.world who have them at Grace.
ROLES = {"admin": "anna", "pastor": "alice", "staff": "bob", "volunteer": "vera"}

# Who is nobody at Grace, however good the credentials look.
OUTSIDERS = [
    "nobody",
    "administrator of the other church, by token",
    "administrator of the other church, by session",
    "superuser of the platform, by session",
    "own administrator, refresh token as access token",
    "own administrator, expired token",
    "own administrator, token without signature",
    "own administrator, token signed with another key",
    "other administrator, token edited to name this church",
    "other administrator, token for this church with the right key",
    "own volunteer, token edited to name the administrator's role",
    "own volunteer, token for the administrator's role with the right key",
    "unknown user, token with the right key",
    "token whose ids are no ids, with the right key",
]


def content_of(token: str) -> dict[str, Any]:
    """The claims of a token, unchecked."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def signed(claims: dict[str, Any], key: str | None = None, algorithm: str = "HS256") -> str:
    """A token with ``claims``; the right key when none is given."""
    return jwt.encode(claims, key or settings.SIMPLE_JWT["SIGNING_KEY"], algorithm=algorithm)


def edited(token: str, **changes: Any) -> str:
    """``token`` with other claims under its old signature."""
    head, _, signature = token.split(".")
    body = base64.urlsafe_b64encode(json.dumps({**content_of(token), **changes}).encode()).rstrip(b"=")
    return f"{head}.{body.decode()}.{signature}"


def session_cookie(user: Any, church: Any) -> str:
    """The cookie of a browser in which ``user`` signed in at ``church`` (None: the platform)."""
    from accounts.models import BrowserSession
    from accounts.sessions.domain import KEY

    with enter_church(church) if church else outside_churches():
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session[KEY] = str(BrowserSession.objects.create(user=user, last_used_at=timezone.now()).pk)
        session.save()
    return str(session.session_key)


# Written when one of the church's own people signs in, as the outsiders of these tests do.
NOT_COMPARED = {"accounts.browsersession", "accounts.loginsession", "sessions.session"}


def rows_of(church: Any) -> list[tuple[Any, ...]]:
    """Everything that the tables of a church's rooms hold."""
    with enter_church(church):
        labels = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
        models = [
            model
            for label in sorted(labels)
            for model in apps.get_app_config(label).get_models()
            if model._meta.label_lower not in NOT_COMPARED
        ]
        return [row for model in models for row in model._base_manager.order_by("pk").values_list()]


def secrets_of(church: Any) -> set[str]:
    """What must not be read by anybody of another church: ids, addresses, tokens' church."""
    from accounts.models import User
    from members.models import Member

    with enter_church(church):
        found = {str(church.id), *(str(pk) for pk in Member.objects.values_list("pk", flat=True))}
        found |= {str(pk) for pk in User.objects.values_list("pk", flat=True)}
        found |= set(User.objects.values_list("email", flat=True))
        found |= set(Member.objects.exclude(email="").values_list("email", flat=True))
    return found
