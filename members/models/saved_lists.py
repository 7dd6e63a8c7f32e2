"""Lists of people that are kept by their rule."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.models import BaseModel


class SavedList(BaseModel):
    """People by a rule, kept under a name. Changed only by ``members.saved_lists.domain``.

    ``rule`` is what ``members.rules`` reads: ``{"match": "all", "conditions": [{"field": "tags",
    "operator": "has", "value": "Choir"}]}``. Who is on it is asked each time; an empty rule means nobody.
    """

    name = models.CharField(_("name"), max_length=100)
    rule = models.JSONField(_("rule"), default=dict)
    is_shared = models.BooleanField(_("for everybody"), default=False)
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="saved_lists", verbose_name=_("by")
    )

    class Meta:
        db_table = "saved_lists"
        verbose_name = _("saved list")
        verbose_name_plural = _("saved lists")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
