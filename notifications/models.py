"""What users are told, and how each wants to be told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import BaseModel

from .kinds import Kind, kinds
from .querysets import NotificationQuerySet


class Choice(models.TextChoices):
    """How a user is told of one kind of fact."""

    IN_APP = "in_app", _("In the app, at once")
    DIGEST = "digest", _("In one mail a day")
    OFF = "off", _("Not at all")


class Notification(BaseModel):
    """One fact that one user is told. Written only by the doors in ``notifications.domain``.

    ``data`` is what the kind's text is made of (JSON's types). ``number`` rises by one for each row of
    the user, in the order in which they are committed: a stream goes on behind the last one it sent.
    With ``by_mail`` it is for the daily mail alone, into which it went at ``mailed_at``.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="notifications"
    )
    number = models.PositiveBigIntegerField()
    kind = models.CharField(_("kind"), max_length=60)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    url = models.CharField(max_length=500, blank=True)
    read_at = models.DateTimeField(_("read"), null=True)
    by_mail = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "notifications"
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["user", "number"], name="notifications_number_once")]
        indexes = [
            # The bell's number stands on every page.
            models.Index(
                fields=["user"],
                name="notifications_unread",
                condition=models.Q(read_at=None, by_mail=False),
            ),
            models.Index(
                fields=["created_at"],
                name="notifications_to_mail",
                condition=models.Q(by_mail=True, mailed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def known_kind(self) -> Kind:
        """Raises KeyError for a kind that no room names any more; ``shown_to`` leaves those out."""
        return kinds[self.kind]

    @property
    def title(self) -> str:
        return str(self.known_kind.title)

    @property
    def text(self) -> str:
        """One line, in the language of whoever reads."""
        return self.known_kind.text(self.data)


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


class NotificationPreference(BaseModel):
    """How a user wants to be told of one kind; without a row, in the app. Changed only by
    ``notifications.domain.set_preferences``.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="notification_preferences"
    )
    kind = models.CharField(max_length=60)
    choice = models.CharField(max_length=10, choices=Choice)

    class Meta:
        db_table = "notification_preferences"
        verbose_name = _("notification preference")
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notification_preferences_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.choice}"
