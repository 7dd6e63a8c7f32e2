"""Who sees which field: every path that shows or takes values of own fields asks here.

A field is visible to administrators and to the roles in its ``visible_to``, or to everybody who may
read people where that is empty. Archived fields, and keys that nobody defined, are shown nowhere.
Nothing is kept between requests: each asks for the church's definitions once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.http import HttpRequest

from accounts.permissions import EVERYTHING, ROLE_PERMISSIONS, role_allows
from core.fixed_queries import FixedQuery
from members.models import CustomField


def all_fields() -> list[CustomField]:
    """Every field of the church, archived ones too, in order. One query."""
    return list(CustomField.objects.all())


def active_fields() -> list[CustomField]:
    """The fields that are in use, in order. One query."""
    return list(CustomField.objects.filter(archived_at=None))


def role_of(user_or_role: Any) -> str:
    """The role of a user; nobody has the role ``""``."""
    return user_or_role if isinstance(user_or_role, str) else str(getattr(user_or_role, "role", ""))


def is_visible(field: CustomField, role: str) -> bool:
    """Whether the role sees the field, archived or not."""
    return _sees(role, field.visible_to)


def _sees(role: str, visible_to: Collection[str]) -> bool:
    if EVERYTHING in ROLE_PERMISSIONS.get(role, ()):
        return True
    return role_allows(role, "members:read") and (not visible_to or role in visible_to)


def visible_fields(user_or_role: Any) -> list[CustomField]:
    """The fields in use that a user or role sees, in order. One query."""
    role = role_of(user_or_role)
    return [field for field in active_fields() if is_visible(field, role)]


def visible_to(request: HttpRequest) -> list[CustomField]:
    """``visible_fields`` of whoever asks; read once for a request."""
    known: list[CustomField] | None = getattr(request, "_fields_visible", None)
    if known is None:
        known = visible_fields(request.user)
        request._fields_visible = known  # type: ignore[attr-defined]  # kept for this request
    return known


# Asked for each page of people that have such values.
KEYS_IN_USE = FixedQuery(
    lambda: CustomField.objects.filter(archived_at=None).order_by().values_list("key", "visible_to")
)


def visible_keys(request: HttpRequest) -> frozenset[str]:
    """The keys of the fields in use that whoever asks sees. One query, or none where ``visible_to`` was
    asked before.
    """
    known: list[CustomField] | None = getattr(request, "_fields_visible", None)
    if known is not None:
        return keys_of(known)
    role = role_of(request.user)
    return frozenset(key for key, roles in KEYS_IN_USE.rows() if _sees(role, roles))


def keys_of(fields: Iterable[CustomField]) -> frozenset[str]:
    return frozenset(field.key for field in fields)


def shown_values(values: Mapping[str, Any], keys: Collection[str]) -> Mapping[str, Any]:
    """The values under ``keys``; the very same object where there are no others, as nearly always."""
    if all(key in keys for key in values):
        return values
    return {key: value for key, value in values.items() if key in keys}
