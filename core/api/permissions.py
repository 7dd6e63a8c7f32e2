"""Permission by area: each view names one, the user's role says what is allowed in it."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission

# Areas that are no entry of the permission table.
PUBLIC = "public"
SIGNED_IN = "signed-in"

ACTION_OF_METHOD = {
    "GET": "read",
    "HEAD": "read",
    "OPTIONS": "read",
    "POST": "write",
    "PUT": "write",
    "PATCH": "write",
    "DELETE": "delete",
}


def required_permission(view: Any, method: str) -> str:
    """The permission that ``method`` on ``view`` needs, ``"members:read"``; or PUBLIC, SIGNED_IN."""
    if view.area in (PUBLIC, SIGNED_IN):
        return str(view.area)
    name = getattr(view, "action", None)
    special = view.permission_actions.get(name) or view.permission_actions.get(method)
    if special and ":" in special:
        return str(special)
    return f"{view.area}:{special or ACTION_OF_METHOD.get(method, 'write')}"


class AreaPermission(BasePermission):
    """Refuses with 401 who is not signed in and with 403 whose role lacks the permission."""

    def has_permission(self, request: Any, view: Any) -> bool:
        needed = required_permission(view, request.method)
        if needed == PUBLIC:
            return True
        if not request.user or not request.user.is_authenticated:
            return False
        return needed == SIGNED_IN or request.user.has_permission(needed)
