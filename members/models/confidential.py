"""Notes about people, what is known of them in confidence, and who has read it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.fields import EncryptedTextField
from core.models import BaseModel

from .people import Member


class MemberNote(BaseModel):
    """A note about a person. Changed and read only by ``members.confidential.domain``.

    Every text lies encrypted. One that ``is_confidential`` exists only for those with
    ``members:confidential``, and each reading of it is logged.
    """

    member = models.ForeignKey(
        Member, models.CASCADE, db_index=False, related_name="notes", verbose_name=_("person")
    )
    body = EncryptedTextField(_("note"))
    is_confidential = models.BooleanField(_("confidential"), default=False)
    author = models.ForeignKey(
        User, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("by")
    )

    class Meta:
        db_table = "member_notes"
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["member", "-created_at", "-id"], name="member_notes_newest")]

    def __str__(self) -> str:
        # Nothing of the text: this stands in lists, logs and the history.
        return str(_("Confidential note") if self.is_confidential else _("Note"))


class ConfidentialDetails(BaseModel):
    """What is known of a person and is nobody's business. Read and changed only by
    ``members.confidential.domain``, which logs each reading.
    """

    member = models.OneToOneField(
        Member, models.CASCADE, related_name="confidential_details", verbose_name=_("person")
    )
    national_id = EncryptedTextField(_("national id"), blank=True)
    health = EncryptedTextField(_("health"), blank=True)
    safeguarding = EncryptedTextField(_("safeguarding"), blank=True)

    class Meta:
        db_table = "member_confidential_details"
        verbose_name = _("confidential details")
        verbose_name_plural = _("confidential details")

    def __str__(self) -> str:
        return str(_("Confidential details"))


class ConfidentialReading(BaseModel):
    """Somebody has read something confidential. Written only by ``members.confidential.domain``.

    ``created_at`` is when. ``object_id`` is the note's id, or that of the details or report, which may be
    gone by now; ``reader_name`` stays when the user is deleted.
    """

    class Subject(models.TextChoices):
        NOTE = "note", _("Note")
        DETAILS = "details", _("Confidential details")
        HISTORY = "history", _("Everything about a person")
        VISIT = "visit", _("Care report of a visit")

    reader = models.ForeignKey(User, models.SET_NULL, null=True, db_index=False, related_name="+")
    reader_name = models.CharField(max_length=200)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, db_index=False, related_name="readings")
    subject = models.CharField(max_length=10, choices=Subject)
    object_id = models.UUIDField()
    origin = models.CharField(max_length=20)

    class Meta:
        db_table = "confidential_readings"
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["member", "-created_at"], name="confidential_readings_member")]

    def __str__(self) -> str:
        return f"{self.reader_name} {self.created_at:%F %T}"
