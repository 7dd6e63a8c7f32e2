"""Who lives together."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import BaseModel
from members.querysets import HouseholdQuerySet

from .people import Member


class Household(BaseModel):
    """People who live together. State changes only through the doors in ``members.households.domain``.

    ``address`` is that of everybody in it who has none of their own. ``external_key`` is the
    household's key in an imported file; two households never share one.
    """

    name = models.CharField(_("name"), max_length=200)
    address = models.JSONField(_("address"), default=dict, blank=True)
    # Only where post goes somewhere else than where they live.
    mailing_address = models.JSONField(_("mailing address"), default=dict, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    external_key = models.CharField(_("key in another system"), max_length=100, blank=True)
    members = models.ManyToManyField(Member, through="HouseholdMembership", related_name="households")

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        db_table = "households"
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["name", "id"], name="households_by_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["external_key"],
                name="households_external_key_once",
                condition=~models.Q(external_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HouseholdMembership(BaseModel):
    """One person in one household. Changed only by the doors in ``members.households.domain``.

    A child of parted parents belongs to two; the one of which ``is_primary`` is true gives the address
    and stands in lists and exports, and everybody who is in any household has exactly one such.
    """

    SUGGESTED_ROLES: ClassVar[list[str]] = ["head", "spouse", "child", "grandparent", "other"]

    household = models.ForeignKey(
        Household, models.CASCADE, db_index=False, related_name="memberships", verbose_name=_("household")
    )
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="household_memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=50, blank=True)
    is_primary = models.BooleanField(_("main household"), default=True)

    class Meta:
        db_table = "household_memberships"
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["household", "member"], name="household_memberships_once"),
            models.UniqueConstraint(
                fields=["member"],
                name="household_memberships_one_primary",
                condition=models.Q(is_primary=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} ({self.household})"
