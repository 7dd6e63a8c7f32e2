"""Who sees which field: every path that shows or takes values of own fields asks here.

A field is visible to administrators and to the roles in its ``visible_to``, or to everybody who may
read people where that is empty. Archived fields, and keys that nobody defined, are shown nowhere.
Nothing is kept between requests: each asks for the church's definitions once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest

from accounts.permissions import EVERYTHING, ROLE_PERMISSIONS, role_allows
from members.models import CustomField

from .values import plain_text

NAME = "custom_fields"


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
    if EVERYTHING in ROLE_PERMISSIONS.get(role, ()):
        return True
    return role_allows(role, "members:read") and (not field.visible_to or role in field.visible_to)


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


def keys_of(fields: Iterable[CustomField]) -> frozenset[str]:
    return frozenset(field.key for field in fields)


def shown_values(values: Mapping[str, Any], keys: Collection[str]) -> Mapping[str, Any]:
    """The values under ``keys``; the very same object where there are no others, as nearly always."""
    if all(key in keys for key in values):
        return values
    return {key: value for key, value in values.items() if key in keys}


def without_hidden(
    changes: Mapping[str, Any], user_or_role: Any, *, shown: Collection[str] | None = None
) -> dict[str, Any]:
    """``changes`` of a person's history (``{"field": [before, after]}``) without the values of own
    fields that the user or role does not see, and without ``custom_fields`` when nothing is left.

    ``shown`` are the visible keys, for who asks for many entries; without it one query is made.
    """
    pair = changes.get(NAME)
    if pair is None:
        return dict(changes)
    keys = keys_of(visible_fields(user_or_role)) if shown is None else shown
    before, after = [shown_values(side, keys) if isinstance(side, dict) else None for side in pair]
    rest = {name: value for name, value in changes.items() if name != NAME}
    return rest if (before or {}) == (after or {}) else {**rest, NAME: [before, after]}


def columns_for(user_or_role: Any) -> list[tuple[str, str, Callable[[Any], str]]]:
    """``(key, label, formatter)`` of each field that the user or role sees, in order, for exports.

    The formatter makes the text of a stored value (``None`` and what is absent: empty), which an
    import reads again. One query.
    """
    return [(field.key, field.label, partial(plain_text, field)) for field in visible_fields(user_or_role)]
