"""People of a church, and imports of them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.fields import PartialDateField
from core.models import BaseModel

from .querysets import MemberImportManager, MemberQuerySet
from .search import document_for, folded_name


class Member(BaseModel):
    """A person whom the church knows. State changes only through the doors in ``members.domain``.

    ``household_key`` and ``household_role`` are what an imported file said of the family.
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
    address = models.JSONField(_("address"), default=dict, blank=True)
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
    # Digest of the imported row, for rows that say nothing else by which to know them again.
    import_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    search_document = SearchVectorField(default="", editable=False)
    # Both names without case, accents and punctuation: by it an import finds whom a row may mean.
    folded_name = models.CharField(max_length=200, default="", editable=False)

    objects = MemberQuerySet.as_manager()

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


class MemberImport(BaseModel):
    """One uploaded list of people. State changes only through the doors in ``members.importing.domain``.

    ``content`` is the file as it came; it is dropped when the import has ended. ``columns`` says
    what became of each column: ``[{"column": "Zip", "fields": ["address.postal_code"]}]``.
    ``rows_done`` is how far the work has come: after a crash it goes on from there.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    dry_run = models.BooleanField(_("trial run"), default=False)
    file_name = models.CharField(_("file"), max_length=255)
    content = models.BinaryField(null=True, editable=False)
    columns = models.JSONField(_("columns"), default=list)
    ignored_columns = models.JSONField(_("ignored columns"), default=list)
    external_key = models.CharField(_("column with the key"), max_length=255, blank=True)
    # Of phone numbers and dates; taken from the church when the import starts.
    country = models.CharField(max_length=2)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    created = models.PositiveIntegerField(_("new people"), default=0)
    updated = models.PositiveIntegerField(_("people changed"), default=0)
    unchanged = models.PositiveIntegerField(_("as they were"), default=0)
    failed = models.PositiveIntegerField(_("rows with errors"), default=0)
    failure = models.TextField(_("why it failed"), blank=True)
    # Starts since the last finished batch; a batch that kills its worker must not be tried for ever.
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("by")
    )

    objects = MemberImportManager()

    class Meta:
        db_table = "member_imports"
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_finished(self) -> bool:
        return self.status in {self.Status.DONE, self.Status.FAILED}

    @property
    def percent_done(self) -> int:
        """0 to 100."""
        return 100 * self.rows_done // self.rows_total if self.rows_total else 100 * self.is_finished

    def failed_rows(self) -> models.QuerySet[MemberImportRow, tuple[int, list[dict[str, str]]]]:
        """(row, errors) of the rows that were left out, in the file's order."""
        failed = self.rows.filter(fate=MemberImportRow.Fate.FAILED)
        return failed.order_by("row").values_list("row", "errors")


class MemberImportRow(models.Model):
    """What became of one row of an imported file. Written only by ``members.importing``.

    ``row`` counts as a spreadsheet does: the line with the columns' names is 1. ``member_id`` is
    the person, empty for a failed row and for a new person of a trial run; it is no foreign key,
    the person may be deleted later. ``changed`` names the fields that the row changed; ``errors``
    is ``[{"field": "email", "message": "…"}]``.
    """

    class Fate(models.TextChoices):
        CREATED = "created", _("new")
        UPDATED = "updated", _("changed")
        UNCHANGED = "unchanged", _("as it was")
        FAILED = "failed", _("error")

    pk = models.CompositePrimaryKey("member_import_id", "row")
    member_import = models.ForeignKey(
        MemberImport, models.CASCADE, db_column="import_id", db_index=False, related_name="rows"
    )
    row = models.PositiveIntegerField()
    fate = models.CharField(max_length=10, choices=Fate)
    member_id = models.UUIDField(null=True)
    changed = models.JSONField(default=list)
    errors = models.JSONField(default=list)

    class Meta:
        db_table = "member_import_rows"
        ordering = ["row"]

    def __str__(self) -> str:
        return f"{self.row} {self.fate}"
