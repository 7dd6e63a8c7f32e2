"""A notification as programs see it, without the API's serializer, which is slow for streams."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .models import Notification


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def shown(notification: Notification) -> dict[str, Any]:
    """The same that ``NotificationSerializer`` gives; a test compares the two."""
    return {
        "id": str(notification.pk),
        "number": notification.number,
        "kind": notification.kind,
        "title": notification.title,
        "text": notification.text,
        "data": notification.data,
        "url": notification.url,
        "created_at": _time(notification.created_at),
        "read_at": _time(notification.read_at),
    }
