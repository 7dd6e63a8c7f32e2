"""Reads of notifications that more than one place uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from .kinds import names_for

if TYPE_CHECKING:
    from .models import Notification  # noqa: F401 - a base class names it in text


class NotificationQuerySet(models.QuerySet["Notification"]):
    def in_app(self) -> NotificationQuerySet:
        """Without those that are for the daily mail alone."""
        return self.filter(by_mail=False)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)

    def to_mail(self) -> NotificationQuerySet:
        """Those that wait for the daily mail."""
        return self.filter(by_mail=True, mailed_at=None)

    def shown_to(self, user: Any) -> NotificationQuerySet:
        """What ``user`` sees in the app: their own, of kinds that their role may still know of."""
        return self.in_app().filter(user=user, kind__in=names_for(user))
