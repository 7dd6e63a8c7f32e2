"""Who must not be written to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.models import BaseModel

from .words import Channel, Topic


class Suppression(BaseModel):
    """An address that gets nothing more on one channel, about one topic or about any (an empty ``topic``).
    Changed only by ``automation.consent.domain``.

    ``address`` is in lower case, or a number in E.164. ``address_digest`` is what it is looked up by and
    what is left when the person is erased: their wish still counts.
    """

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("Declined by link")
        STOP = "stop", _("Answered STOP")
        BOUNCED = "bounced", _("The address does not exist")
        COMPLAINED = "complained", _("Reported as unwanted")
        BY_HAND = "by_hand", _("Entered by the church")

    channel = models.CharField(_("sent as"), max_length=20, choices=Channel)
    topic = models.CharField(_("topic"), max_length=20, choices=Topic, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    address_digest = models.CharField(max_length=64, editable=False)
    reason = models.CharField(_("why"), max_length=20, choices=Reason)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("by")
    )

    class Meta:
        db_table = "suppressions"
        verbose_name = _("declined address")
        verbose_name_plural = _("declined addresses")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="suppressions_newest")]
        constraints = [
            models.UniqueConstraint(fields=["address_digest", "channel", "topic"], name="suppressions_once"),
        ]

    def __str__(self) -> str:
        return self.address or self.address_digest[:8]
