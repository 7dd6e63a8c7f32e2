"""Prayer requests, what was written about them since, and who has prayed."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.fields import EncryptedTextField
from core.models import BaseModel
from members.models import Member

from .querysets import PrayerRequestQuerySet, on_the_wall


class PrayerRequest(BaseModel):
    """Somebody asks for prayer. State changes only through the doors in ``prayer.domain``,
    ``prayer.requester`` and ``prayer.praying``.

    The requester is a member, a guest with a name and an address, or nobody who is known. Of one that
    ``is_anonymous`` only those with ``members:confidential`` learn who asked; ``prayer.visibility`` says
    who sees what. ``secret_digest`` is the SHA-256 of the secret in the requester's link
    (``prayer.links``). ``prayed_count`` counts the rows of ``Prayer``.
    """

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")
        URGENT = "urgent", _("Urgent")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")

    class Moderation(models.TextChoices):
        PENDING = "pending", _("Waiting for review")
        PUBLISHED = "published", _("Published")
        HIDDEN = "hidden", _("Hidden")

    class Source(models.TextChoices):
        WALL = "wall", _("Prayer wall")
        WIDGET = "widget", _("Website")
        CHAT = "chat", _("Chat")
        API = "api", _("API")
        ADMIN = "admin", _("Written down by the church")

    SUGGESTED_CATEGORIES: ClassVar[list[str]] = [
        "healing", "family", "guidance", "grief", "work", "faith", "thanks", "other",
    ]  # fmt: skip

    title = models.CharField(_("title"), max_length=255)
    description = models.TextField(_("request"))
    requester = models.ForeignKey(
        Member,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="prayer_requests",
        verbose_name=_("requester"),
    )
    guest_name = EncryptedTextField(_("name"), null=True, blank=True)
    guest_email = EncryptedTextField(_("email"), null=True, blank=True)
    category = models.CharField(_("category"), max_length=50, blank=True)
    priority = models.CharField(_("priority"), max_length=20, choices=Priority, default=Priority.NORMAL)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.ACTIVE)
    moderation = models.CharField(_("review"), max_length=20, choices=Moderation, default=Moderation.PENDING)
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    is_public = models.BooleanField(_("for the prayer wall"), default=True)
    assigned_to = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        db_column="assigned_to",
        db_index=False,
        related_name="+",
        verbose_name=_("assigned to"),
    )
    flags = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("noticed"))
    source = models.CharField(_("came from"), max_length=20, choices=Source)
    wants_mail = models.BooleanField(_("wants to be told of prayers"), default=False)
    prayed_count = models.PositiveIntegerField(_("prayed"), default=0, editable=False)
    testimony = models.TextField(_("testimony"), blank=True)
    testimony_is_public = models.BooleanField(_("the testimony may be public"), default=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    secret_digest = models.CharField(max_length=64, blank=True, editable=False)
    # When the requester is next told how many have prayed, and when they last were.
    mail_due_at = models.DateTimeField(null=True, editable=False)
    mailed_at = models.DateTimeField(null=True, editable=False)

    objects = PrayerRequestQuerySet.as_manager()

    class Meta:
        db_table = "prayer_requests"
        verbose_name = _("prayer request")
        verbose_name_plural = _("prayer requests")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["status", "-created_at"], name="prayer_requests_status"),
            models.Index(
                fields=["-published_at", "-id"], name="prayer_requests_wall", condition=on_the_wall()
            ),
            models.Index(
                fields=["requester", "-created_at"],
                name="prayer_requests_person",
                condition=~Q(requester=None),
            ),
            models.Index(fields=["mail_due_at"], name="prayer_requests_mail", condition=~Q(mail_due_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["secret_digest"], name="prayer_requests_secret_once", condition=~Q(secret_digest="")
            ),
            # What may be about somebody's life is looked at before anybody else reads it.
            models.CheckConstraint(
                condition=~Q(priority="urgent", moderation="published"), name="prayer_requests_urgent_unseen"
            ),
        ]

    def __str__(self) -> str:
        # Nothing of the text and not who asked: this stands in lists, logs and the history.
        if self._state.adding:
            return gettext("Prayer request")
        return gettext("Prayer request of %(day)s") % {"day": date_format(self.created_at, "DATE_FORMAT")}

    @property
    def is_urgent(self) -> bool:
        return self.priority == self.Priority.URGENT

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.ACTIVE


class PrayerUpdate(BaseModel):
    """Something that was written about a request since. Made only by the doors.

    ``audience`` says who reads it. What the requester wrote (``by_requester``) goes to them and the team;
    somebody of the team decides whether it goes on the wall.
    """

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Everybody who sees the request")
        REQUESTER = "requester", _("The requester and the team")
        INTERNAL = "internal", _("The team")
        CONFIDENTIAL = "confidential", _("Pastors and administrators")

    prayer_request = models.ForeignKey(
        PrayerRequest,
        models.CASCADE,
        db_index=False,
        related_name="updates",
        verbose_name=_("prayer request"),
    )
    update_text = EncryptedTextField(_("text"))
    audience = models.CharField(_("for"), max_length=20, choices=Audience, default=Audience.INTERNAL)
    by_requester = models.BooleanField(_("by the requester"), default=False)
    created_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        db_column="created_by",
        db_index=False,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        db_table = "prayer_updates"
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["prayer_request", "created_at"], name="prayer_updates_request")]

    def __str__(self) -> str:
        return gettext("Update")


class Prayer(BaseModel):
    """Somebody has prayed: a user once, or a browser once. Made only by ``prayer.praying.pray``.

    ``browser`` is a digest of the random name that a visitor's browser was given.
    """

    prayer_request = models.ForeignKey(
        PrayerRequest,
        models.CASCADE,
        db_index=False,
        related_name="prayers",
        verbose_name=_("prayer request"),
    )
    user = models.ForeignKey(User, models.SET_NULL, null=True, db_index=False, related_name="+")
    browser = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "prayers"
        verbose_name = _("prayer")
        verbose_name_plural = _("prayers")
        constraints = [
            models.UniqueConstraint(fields=["prayer_request", "user"], name="prayers_user_once"),
            models.UniqueConstraint(
                fields=["prayer_request", "browser"], name="prayers_browser_once", condition=~Q(browser="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%F %T}"


# Sources from which anybody in the world may write.
VISITORS = frozenset({PrayerRequest.Source.WALL, PrayerRequest.Source.WIDGET, PrayerRequest.Source.CHAT})
