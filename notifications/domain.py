"""The doors through which users are told something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import User

from .kinds import kinds
from .models import Notification, NotificationCounter


@transaction.atomic
def notify(
    *, kind: str, users: Iterable[User], data: dict[str, Any] | None = None, url: str = ""
) -> list[Notification]:
    """Tells ``users`` one fact, each once; who may not know of it, or is switched off, is left out.

    ``data`` must hold JSON's types and nothing confidential; ``url`` is a path on the church's host.
    Raises KeyError for a kind that no room has named.
    """
    known = kinds[kind]
    told = sorted(
        {
            user.pk: user
            for user in users
            if user.is_active and (not known.permission or user.has_permission(known.permission))
        }.values(),
        key=lambda user: user.pk,
    )
    made = []
    for user in told:
        NotificationCounter.objects.get_or_create(user=user)
        # The lock is held until the commit, so numbers come to light in their order.
        NotificationCounter.objects.filter(user=user).update(newest=F("newest") + 1)
        number = NotificationCounter.objects.get(user=user).newest
        made.append(Notification(user=user, number=number, kind=kind, data=data or {}, url=url))
    return Notification.objects.bulk_create(made)


def users_with(permission: str) -> list[User]:
    """The church's active users whose role allows ``"area:action"``."""
    return [user for user in User.objects.here().active() if user.has_permission(permission)]
