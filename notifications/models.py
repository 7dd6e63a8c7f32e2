"""What users are told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import BaseModel


class Notification(BaseModel):
    """One fact that one user is told. Written only by the doors in ``notifications.domain``.

    ``data`` is what the kind's text is made of (JSON's types). ``number`` rises by one for each row of
    the user, in the order in which they are committed: a stream goes on behind the last one it sent.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="notifications"
    )
    number = models.PositiveBigIntegerField()
    kind = models.CharField(_("kind"), max_length=60)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    url = models.CharField(max_length=500, blank=True)
    read_at = models.DateTimeField(_("read"), null=True)

    class Meta:
        db_table = "notifications"
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["user", "number"], name="notifications_number_once")]

    def __str__(self) -> str:
        return self.kind


class NotificationCounter(models.Model):
    """The number of a user's newest notification. Its row is locked while one is made."""

    user: Any = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    newest = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "notification_counters"

    def __str__(self) -> str:
        return f"{self.user_id} {self.newest}"
