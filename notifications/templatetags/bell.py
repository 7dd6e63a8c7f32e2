"""``{% bell %}``: the number of what is unread, in the head of every page of a church."""

from __future__ import annotations

from typing import Any

from django import template

from notifications.domain import unread_count
from notifications.stream.going_on import PATH

register = template.Library()


@register.inclusion_tag("notifications/bell.html", takes_context=True)
def bell(context: dict[str, Any]) -> dict[str, Any]:
    """Nothing on the platform's pages, whose users are told nothing."""
    user = context["request"].user
    if context.get("church") is None or not user.is_authenticated:
        return {"is_shown": False}
    return {"is_shown": True, "unread": unread_count(user), "stream": PATH}
