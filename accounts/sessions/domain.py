"""The doors of browser sessions and logins: begun at a sign-in, looked at with each request, ended.

Django's session alone cannot be listed by user, nor ended by somebody who does not hold its key. So
each has a row beside it (``BrowserSession``), named in the session's data. Without that row, nobody
is signed in.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import tokens
from accounts.models import BrowserSession, LoginSession, User
from accounts.signals import sign_ins_changed
from accounts.two_factor import requirement
from core import context
from core.network import address_bucket, client_address

# The name in a session's data under which the id of its row stands.
KEY = "browser_session"
# How exactly is known when somebody was here last; more would be a write for every page.
NOTED_EVERY = timedelta(minutes=5)


def begin(sender: Any, request: HttpRequest, user: User, **_event: Any) -> None:
    """Writes down the browser in which ``user`` signs in; receives Django's ``user_logged_in``."""
    BrowserSession.objects.filter(user=user).over().delete()
    session = BrowserSession.objects.create(user=user, last_used_at=timezone.now(), **_seen_of(request))
    request.session[KEY] = str(session.pk)


def end_present(sender: Any, request: HttpRequest, user: User | None = None, **_event: Any) -> None:
    """Forgets the browser in which somebody signs out; receives Django's ``user_logged_out``."""
    if key := request.session.get(KEY):
        BrowserSession.objects.filter(pk=key).delete()
        if user is not None:
            sign_ins_changed.send(sender=User, user=user)


def user_of(request: Any) -> User | AnonymousUser:
    """Who is signed in by the request's session: nobody, once its row is gone."""
    user = get_user(request)
    if not isinstance(user, User):
        return AnonymousUser()
    now = timezone.now()
    rows = BrowserSession.objects.alive().filter(pk=request.session.get(KEY), user=user)
    found = rows.values_list("pk", "last_used_at", "user__two_factor__confirmed_at").first()
    if found is None:
        request.session.flush()
        return AnonymousUser()
    user.present_session, last_used_at, second_factor_since = found
    user.lacks_second_factor = requirement.is_missing(user.role, second_factor_since)
    if now - last_used_at > NOTED_EVERY:
        rows.update(last_used_at=now, **_seen_of(request))
    # Log lines and the history name the user.
    context.act_as(user)
    return user


def _seen_of(request: HttpRequest) -> dict[str, str]:
    return {
        "user_agent": request.headers.get("User-Agent", "")[:200],
        "address": address_bucket(client_address(request)),
    }


@transaction.atomic
def end(*, user: User, session_id: UUID) -> bool:
    """Ends one login or browser session of ``user``'s own; False when there is none with this id."""
    ended = LoginSession.objects.alive().filter(user=user, pk=session_id).update(revoked_at=timezone.now())
    deleted, _rows = BrowserSession.objects.filter(user=user, pk=session_id).delete()
    sign_ins_changed.send(sender=User, user=user)
    return bool(ended or deleted)


@transaction.atomic
def end_all(*, user: User, keep: UUID | None = None) -> None:
    """Signs ``user`` out everywhere, but for the login or browser session with the id ``keep``."""
    BrowserSession.objects.filter(user=user).exclude(pk__in=[keep] if keep else []).delete()
    # Says of both that something has changed.
    tokens.end_all_logins(user=user, keep=keep)


def forget_ended(**_event: Any) -> None:
    """Deletes rows whose cookie has run out; receives ``tenants.signals.church_swept``."""
    BrowserSession.objects.all().over().delete()
