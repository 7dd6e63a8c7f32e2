"""The one permission table. API, admin pages, sockets, exports and search all ask it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

EVERYTHING = "*"


class Role(models.TextChoices):
    ADMIN = "admin", _("Administrator")
    PASTOR = "pastor", _("Pastor")
    STAFF = "staff", _("Staff")
    VOLUNTEER = "volunteer", _("Volunteer")


# What there is to be allowed, area by area. ``users`` and ``settings`` stand in no role's set below:
# they are the administrator's.
AREAS: dict[str, tuple[str, ...]] = {
    "members": ("read", "write", "delete", "confidential"),
    "events": ("read", "write", "delete"),
    "prayer": ("read", "write", "delete"),
    "visits": ("read", "write", "delete"),
    "analytics": ("read",),
    "chat": ("read", "write"),
    "automation": ("read", "write"),
    "files": ("read", "write"),
    "users": ("read", "write", "delete"),
    "settings": ("read", "write"),
}


def _grant(actions: str, *areas: str) -> set[str]:
    return {f"{area}:{action}" for area in areas for action in actions.split()}


ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.ADMIN: frozenset({EVERYTHING}),
    Role.PASTOR: frozenset(
        _grant("read write delete", "members", "events", "prayer", "visits")
        | _grant("confidential", "members")
        | _grant("read", "analytics")
        | _grant("read write", "chat", "automation", "files")
    ),
    Role.STAFF: frozenset(
        _grant("read write", "members", "events", "prayer", "visits") | _grant("read write", "chat", "files")
    ),
    Role.VOLUNTEER: frozenset(_grant("read", "members", "events", "prayer")),
}


def permissions_of(role: str) -> list[str]:
    """The role's permissions, sorted; ``["*"]`` for the administrator, none for an unknown role."""
    return sorted(ROLE_PERMISSIONS.get(role, frozenset()))


def role_allows(role: str, permission: str) -> bool:
    """Whether ``role`` has ``permission``, written ``"area:action"``."""
    granted = ROLE_PERMISSIONS.get(role, frozenset())
    return permission in granted or EVERYTHING in granted
