"""One message to many, once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.models import BaseModel

from .words import Channel, Topic


class BulkMail(BaseModel):
    """One message to everybody whom a rule means. State changes only through ``automation.bulk_mail``.

    ``rule`` is that of ``members.rules`` (None: everybody), as ``created_by`` sees the fields. Nothing is
    sent of a draft; on confirmation the recipients are written down in portions, and ``recipients_total``
    counts them. ``prepared`` is the message as it goes out but for its merge fields.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being sent")
        DONE = "done", _("Sent")
        CANCELLED = "cancelled", _("Called off")

    message_type = models.CharField(_("sent as"), max_length=20, choices=Channel, default=Channel.EMAIL)
    topic = models.CharField(_("topic"), max_length=20, choices=Topic, default=Topic.NEWS)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    body_html = models.TextField(_("text"), blank=True)
    body_text = models.TextField(_("text without formatting"), blank=True)
    prepared = models.JSONField(default=dict, editable=False)
    rule = models.JSONField(_("to whom"), null=True, blank=True)
    # In words, as it was when it was chosen.
    audience = models.CharField(_("to whom"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    recipients_total = models.PositiveIntegerField(_("people"), default=0)
    # The last person whose message was written down, so that a repeated job goes on from there.
    written_up_to = models.UUIDField(null=True, editable=False)
    # When everybody was written down.
    written_at = models.DateTimeField(null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("by")
    )

    class Meta:
        db_table = "bulk_mails"
        verbose_name = _("message to many")
        verbose_name_plural = _("messages to many")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="bulk_mails_newest")]

    def __str__(self) -> str:
        return self.subject or self.body_text[:60]
