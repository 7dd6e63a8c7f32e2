"""What has been uploaded, and what is still to be taken out of the store."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import BaseModel


class StoredFile(BaseModel):
    """One uploaded file. State changes only through the doors in ``files.domain``.

    ``key`` is where the bytes lie in the store, below the church's own prefix; ``name`` is what it was
    called, made safe; ``content_type`` was found by looking at the bytes. ``size`` in bytes.
    """

    class Purpose(models.TextChoices):
        DOCUMENT = "document", _("Document")
        PERSON_PHOTO = "person_photo", _("Photo of a person")
        EVENT_FLYER = "event_flyer", _("Flyer of an event")

    key = models.CharField(max_length=200, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, default=Purpose.DOCUMENT)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("uploaded by"),
    )

    class Meta:
        db_table = "files"
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.name


class FileRemoval(models.Model):
    """An object of the store whose row is gone; written and worked off by ``files.removals`` alone."""

    key = models.CharField(max_length=200, primary_key=True)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()

    class Meta:
        db_table = "file_removals"

    def __str__(self) -> str:
        return self.key
