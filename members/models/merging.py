"""Two entries that were one person."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.fields import EncryptedTextField
from core.models import BaseModel
from files.models import StoredFile

from .people import Member


class MemberMerge(BaseModel):
    """One merge: ``absorbed_id`` went into ``survivor``. Written only by ``members.merging.domain``.

    ``snapshot`` is JSON with all that an undo needs (the absorbed row, the survivor's fields before and
    after, which rows were moved, which were dropped). It holds personal data and lies encrypted.
    """

    survivor = models.ForeignKey(
        Member, models.CASCADE, related_name="merges", verbose_name=_("person who stays")
    )
    absorbed_id = models.UUIDField()
    absorbed_name = models.CharField(_("person who goes"), max_length=200)
    snapshot = EncryptedTextField()
    merged_by = models.ForeignKey(
        User, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("by")
    )
    # That of who went, where the person who stays has one too: an undo gives it back.
    absorbed_photo = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("photo")
    )
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        db_table = "member_merges"
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.absorbed_name


class NotDuplicates(BaseModel):
    """Two people of whom somebody said that they are two. ``first`` has the smaller id."""

    first = models.ForeignKey(Member, models.CASCADE, db_index=False, related_name="+")
    second = models.ForeignKey(Member, models.CASCADE, related_name="+")
    said_by = models.ForeignKey(User, models.SET_NULL, null=True, db_index=False, related_name="+")

    class Meta:
        db_table = "member_not_duplicates"
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="not_duplicates_once")]

    def __str__(self) -> str:
        return f"{self.first} ≠ {self.second}"
