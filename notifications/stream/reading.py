"""What is new for listeners: read for all of one church together, in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Count, Q
from django.utils import timezone, translation

from accounts.models import User
from accounts.sessions.standing import users_of
from notifications.kinds import names_for
from notifications.models import Notification
from notifications.shown import shown
from tenants.context import current_church

from .listener import Listener

ROWS_AT_ONCE = 1_000
LISTENERS_AT_ONCE = 100


@dataclass
class News:
    """What one listener is to be sent. ``has_more``: there is more to read at once."""

    position: int
    unread: int
    parts: list[bytes] = field(default_factory=list)
    has_more: bool = False


def event(name: str, number: int, content: Any) -> bytes:
    """One event. Its id is where a client that lost the connection goes on."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (number, name.encode(), orjson.dumps(content, default=str))


def unread_event(position: int, unread: int) -> bytes:
    return event("unread", position, {"unread": unread})


def read(listeners: Sequence[Listener]) -> dict[Listener, News | None]:
    """News of each, inside their church; None for who may not listen any more."""
    users = _users(listeners)
    unread = _unread(users)
    found: dict[Listener, News | None] = {
        listener: News(listener.position, unread[user.pk]) if (user := users.get(listener)) else None
        for listener in listeners
    }
    church = current_church()
    allowed = list(users)
    with translation.override(church.language), timezone.override(church.timezone):
        for start in range(0, len(allowed), LISTENERS_AT_ONCE):
            _add_rows(allowed[start : start + LISTENERS_AT_ONCE], users, found)
    for listener, news in found.items():
        if news and news.unread != listener.unread:
            news.parts.append(unread_event(news.position, news.unread))
    return found


def _users(listeners: Sequence[Listener]) -> dict[Listener, User]:
    """Those who may still listen: the same user, in the same role, through a sign-in that stands."""
    standing = users_of(
        logins={a.sign_in.session_id for a in listeners if not a.sign_in.is_browser},
        browsers={a.sign_in.session_id for a in listeners if a.sign_in.is_browser},
    )
    found = {}
    for listener in listeners:
        by = listener.sign_in
        user = standing.get(by.session_id)
        if user and (user.pk, user.role) == (by.user_id, by.role) and not by.has_run_out:
            found[listener] = user
    return found


def _unread(users: dict[Listener, User]) -> dict[UUID, int]:
    """How many each has not read, of the kinds that they may know of."""
    by_id = {user.pk: user for user in users.values()}
    names = {role: set(names_for(user)) for role, user in {u.role: u for u in by_id.values()}.items()}
    counts: dict[UUID, int] = defaultdict(int)
    rows = Notification.objects.in_app().unread().filter(user__in=list(by_id)).order_by()
    for user_id, kind, number in rows.values_list("user_id", "kind").annotate(Count("id")):
        if kind in names[by_id[user_id].role]:
            counts[user_id] += number
    return counts


def _add_rows(
    listeners: Sequence[Listener], users: dict[Listener, User], found: dict[Listener, News | None]
) -> None:
    """Puts what is newer than each one's position into their news, as events."""
    newer = Q()
    for listener in listeners:
        newer |= Q(user=listener.sign_in.user_id, number__gt=listener.position)
    rows = list(Notification.objects.in_app().filter(newer).order_by("user", "number")[:ROWS_AT_ONCE])
    by_user: dict[UUID, list[Notification]] = defaultdict(list)
    for row in rows:
        by_user[row.user_id].append(row)
    for listener in listeners:
        news, names = found[listener], set(names_for(users[listener]))
        if news is None:
            continue
        # Of whom the limit cut something off is not asked: all look again.
        news.has_more = len(rows) == ROWS_AT_ONCE
        for row in by_user[listener.sign_in.user_id]:
            if row.number > listener.position:
                news.position = row.number
                if row.kind in names:
                    news.parts.append(event("notification", row.number, shown(row)))
