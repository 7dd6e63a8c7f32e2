"""Messages to people, and what providers report about them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from automation.querysets import MessageQuerySet
from core.models import BaseModel
from members.models import Member

from .bulk_mail import BulkMail
from .sequences import EmailTemplate, Enrolment
from .words import Channel


class AutomatedMessage(BaseModel):
    """One message to one person. State changes only in ``automation.sending`` and ``automation.enrolling``.

    A worker claims messages in batches until ``claimed_until``; one of them is made ``processing``, and
    that is committed, before it is sent. One that is found ``processing`` after its claim has run out was
    interrupted while it was sent: it becomes ``unknown``, since nobody knows whether it arrived, and is
    not sent again unless a person says so. ``address`` is where it went to. ``once_key`` is the digest of
    what must go to one address just once (a family shares one). ``is_held`` while its sequence is paused.
    ``is_followed`` once the enrolment has gone on from it. ``claimed_until`` without a ``claim`` is a wait
    after a temporary error. ``decided_at`` is when a person said to leave one as it is that failed or was
    interrupted.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("To be sent")
        PROCESSING = "processing", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Interrupted")
        SKIPPED = "skipped", _("Left out")

    class SkipReason(models.TextChoices):
        SUPPRESSED = "suppressed", _("Declined such messages")
        NO_ADDRESS = "no_address", _("No address")
        SAME_ADDRESS = "same_address", _("Somebody with the same address got it")
        LEFT = "left", _("Left the sequence")
        CANCELLED = "cancelled", _("Called off")

    SETTLED = (Status.SENT, Status.FAILED, Status.UNKNOWN, Status.SKIPPED)

    recipient = models.ForeignKey(
        Member, models.CASCADE, related_name="automated_messages", verbose_name=_("recipient")
    )
    template = models.ForeignKey(
        EmailTemplate, models.SET_NULL, null=True, related_name="messages", verbose_name=_("step")
    )
    enrolment = models.ForeignKey(
        Enrolment, models.CASCADE, null=True, db_index=False, related_name="messages"
    )
    bulk_mail = models.ForeignKey(
        BulkMail, models.CASCADE, null=True, db_index=False, related_name="messages"
    )
    step = models.PositiveSmallIntegerField(_("step"), default=0)
    message_type = models.CharField(_("sent as"), max_length=20, choices=Channel)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.PENDING)
    skip_reason = models.CharField(_("left out because"), max_length=20, choices=SkipReason, blank=True)
    scheduled_for = models.DateTimeField(_("planned for"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    error_message = models.TextField(_("error"), blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    once_key = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 - many have none, and it is unique
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    is_held = models.BooleanField(default=False)
    is_followed = models.BooleanField(default=False)
    decided_at = models.DateTimeField(_("left as it is"), null=True)
    # The provider's or the mail's own id of it.
    provider_id = models.CharField(max_length=255, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    bounced_at = models.DateTimeField(_("bounced"), null=True)
    complained_at = models.DateTimeField(_("complained"), null=True)
    clicked_at = models.DateTimeField(_("clicked"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        db_table = "automated_messages"
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-scheduled_for", "-id"]
        indexes = [
            models.Index(
                fields=["scheduled_for"],
                name="automated_messages_scheduled",
                condition=Q(status="pending", is_held=False),
            ),
            models.Index(
                fields=["claimed_until"],
                name="automated_messages_claimed",
                condition=Q(status__in=["pending", "processing"]) & ~Q(claimed_until=None),
            ),
            models.Index(
                fields=["enrolment"],
                name="automated_messages_to_follow",
                condition=Q(status__in=["sent", "failed", "unknown", "skipped"], is_followed=False)
                & ~Q(enrolment=None),
            ),
            models.Index(
                fields=["provider_id"], name="automated_messages_provider", condition=~Q(provider_id="")
            ),
            models.Index(
                fields=["-scheduled_for"],
                name="automated_messages_to_decide",
                condition=Q(status__in=["unknown", "failed"], decided_at=None),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "step", "message_type"],
                name="automated_messages_step_once",
                condition=~Q(enrolment=None),
            ),
            models.UniqueConstraint(
                fields=["bulk_mail", "recipient", "message_type"],
                name="automated_messages_bulk_once",
                condition=~Q(bulk_mail=None),
            ),
            models.UniqueConstraint(
                fields=["once_key"], name="automated_messages_address_once", condition=~Q(once_key=None)
            ),
            models.CheckConstraint(
                condition=Q(enrolment=None) ^ Q(bulk_mail=None), name="automated_messages_one_cause"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_type} {self.status} {self.scheduled_for:%F %T}"


class ProviderEvent(BaseModel):
    """What a provider reported of a message, each event once. Written only by
    ``automation.provider_events``.

    ``event_id`` is the provider's name and its id of the event.
    """

    class Kind(models.TextChoices):
        DELIVERED = "delivered", _("Delivered")
        BOUNCED = "bounced", _("Bounced")
        COMPLAINED = "complained", _("Complained")
        CLICKED = "clicked", _("Clicked")
        UNSUBSCRIBED = "unsubscribed", _("Declined")
        FAILED = "failed", _("Failed")
        REPLIED = "replied", _("Replied")
        # By START, after a STOP.
        SUBSCRIBED = "subscribed", _("Wants them again")

    event_id = models.CharField(max_length=255, unique=True)
    message = models.ForeignKey(
        AutomatedMessage, models.CASCADE, null=True, related_name="events", verbose_name=_("message")
    )
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    occurred_at = models.DateTimeField(_("when"))
    detail = models.TextField(_("details"), blank=True)

    class Meta:
        db_table = "provider_events"
        verbose_name = _("report of a provider")
        verbose_name_plural = _("reports of providers")
        ordering = ["-occurred_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%F %T}"
