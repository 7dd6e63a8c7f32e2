"""Fields of a church's own."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Role
from core.models import BaseModel


class CustomField(BaseModel):
    """What a church wants to know of its people besides. Changed only by
    ``members.custom_fields.domain``.

    ``key`` is the name under which values lie in ``Member.custom_fields``; it never changes, so a new
    ``label`` loses nothing. ``choices`` is ``[{"key": "s", "label": "Small"}]``, with ``"archived": true`` of
    one that is offered no more. ``visible_to`` are the roles that see it, besides administrators; empty
    for everybody who may read people.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("One of several")
        CHOICES = "choices", _("Several of several")
        YES_NO = "yes_no", _("Yes or no")

    key = models.CharField(_("key"), max_length=60, unique=True, editable=False)
    label = models.CharField(_("name"), max_length=100)
    help_text = models.CharField(_("explanation"), max_length=255, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    visible_to = ArrayField(
        models.CharField(max_length=50, choices=Role), verbose_name=_("visible to"), default=list, blank=True
    )
    order_index = models.PositiveIntegerField(_("position"), default=0)
    # An archived field is shown nowhere; its values stay and come back with it.
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)

    class Meta:
        db_table = "custom_fields"
        verbose_name = _("field of your own")
        verbose_name_plural = _("fields of your own")
        ordering = ["order_index", "label", "id"]
        constraints = [models.UniqueConstraint(Lower("label"), name="custom_fields_label_once")]

    def __str__(self) -> str:
        return self.label

    @property
    def archived(self) -> bool:
        """Whether the field was put away."""
        return self.archived_at is not None
