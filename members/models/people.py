"""People of a church."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.fields import PartialDateField
from core.models import BaseModel
from files.models import StoredFile
from members.querysets import MemberManager, MemberQuerySet
from members.search import document_for, folded_name


class Member(BaseModel):
    """A person whom the church knows. State changes only through the doors in ``members.domain``.

    ``household_key`` and ``household_role`` are what an imported file said of the family, by which it
    knows the person again; the family itself is ``Household``. ``custom_fields`` holds values under the
    keys of ``CustomField``.
    ``external_key`` is the person's key in another system; two people never share one.
    """

    SUGGESTED_STATUSES: ClassVar[list[str]] = [
        "active",
        "member",
        "regular",
        "visitor",
        "inactive",
        "archived",
        "deceased",
    ]

    first_name = models.CharField(_("first name"), max_length=100)
    middle_name = models.CharField(_("middle name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100)
    prefix = models.CharField(_("title"), max_length=30, blank=True)
    suffix = models.CharField(_("suffix"), max_length=30, blank=True)
    nickname = models.CharField(_("called"), max_length=100, blank=True)
    email = models.EmailField(_("email"), max_length=255, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    home_phone = models.CharField(_("phone at home"), max_length=40, blank=True)
    work_phone = models.CharField(_("phone at work"), max_length=40, blank=True)
    # Empty where the person shares the household's.
    address = models.JSONField(_("address"), default=dict, blank=True)
    # Only where it differs from where they live.
    mailing_address = models.JSONField(_("mailing address"), default=dict, blank=True)
    gender = models.CharField(_("gender"), max_length=30, blank=True)
    marital_status = models.CharField(_("marital status"), max_length=30, blank=True)
    birth_date = PartialDateField(_("birthday"), blank=True)
    membership_status = models.CharField(_("status"), max_length=20, default="active")
    baptized_date = models.DateField(_("baptised on"), null=True, blank=True)
    household_key = models.CharField(_("household"), max_length=100, blank=True)
    household_role = models.CharField(_("role in the household"), max_length=50, blank=True)
    tags = ArrayField(models.CharField(max_length=50), verbose_name=_("tags"), default=list, blank=True)
    custom_fields = models.JSONField(_("custom fields"), default=dict, blank=True)
    external_key = models.CharField(_("key in another system"), max_length=255, blank=True)
    # Where they live; empty for the church's.
    timezone = models.CharField(_("time zone"), max_length=63, blank=True)
    # Changed through members.photos alone.
    photo = models.ForeignKey(
        StoredFile,
        models.SET_NULL,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name=_("photo"),
    )
    # Digest of the imported row, for rows that say nothing else by which to know them again.
    import_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    search_document = SearchVectorField(default="", editable=False)
    # Both names without case, accents and punctuation: by it an import finds whom a row may mean.
    folded_name = models.CharField(max_length=200, default="", editable=False)

    objects = MemberManager()
    # With those who were erased, for totals.
    everybody = MemberQuerySet.as_manager()

    class Meta:
        db_table = "members"
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["last_name", "first_name", "id"]
        indexes = [
            models.Index(fields=["last_name", "first_name", "id"], name="members_by_name"),
            models.Index(fields=["folded_name"], name="members_name_folded"),
            models.Index(fields=["-created_at"], name="members_newest"),
            models.Index(Lower("email"), name="members_email", condition=~models.Q(email="")),
            GinIndex(fields=["tags"], name="members_tags"),
            # Finds by the value of any custom field; sorting by one reads through the people.
            GinIndex(fields=["custom_fields"], name="members_custom", opclasses=["jsonb_path_ops"]),
            # Possible duplicates: the same day of birth.
            models.Index(fields=["birth_date"], name="members_birthday", condition=~models.Q(birth_date="")),
            # Without a list of pending entries, which every search after an import would read through.
            GinIndex(fields=["search_document"], name="members_search", fastupdate=False),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_key"],
                name="members_external_key_once",
                condition=~models.Q(external_key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def refresh_search_document(self) -> None:
        """Brings the columns that are derived from others up to date."""
        self.search_document = document_for(self)
        self.folded_name = folded_name(self.first_name, self.last_name)
