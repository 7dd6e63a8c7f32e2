"""Imports of people, and what a church knows of the files that it gets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.models import BaseModel
from members.querysets import MemberImportManager


class MemberImport(BaseModel):
    """One uploaded list of people. State changes only through the doors in ``members.importing.domain``.

    ``content`` is the file as it came; it is dropped when the import has ended, and a day later that of
    a trial run, so that it can be carried out. A draft is a file of whose columns somebody has yet to
    say what they mean. ``columns`` says what became of each column: ``[{"column": "Zip", "position": 3,
    "fields": ["address.postal_code"]}]``.
    ``rows_done`` is how far the work has come: after a crash it goes on from there. An undo has been
    asked for at ``undo_asked_at`` and has ended at ``undone_at``.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Not started")
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
    # Whether who is new, or gets a tag by it, comes into the sequences that this starts.
    start_sequences = models.BooleanField(_("starts sequences"), default=False)
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
    undo_asked_at = models.DateTimeField(null=True)
    undo_asked_by = models.ForeignKey(User, models.SET_NULL, null=True, db_index=False, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True)
    # What an undo left as it is, because somebody had changed it since.
    spared = models.PositiveIntegerField(_("left as they are"), default=0)
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
    def is_being_undone(self) -> bool:
        return self.undo_asked_at is not None and self.undone_at is None

    @property
    def percent_done(self) -> int:
        """0 to 100."""
        return 100 * self.rows_done // self.rows_total if self.rows_total else 100 * self.is_finished

    @property
    def failed_rows_url(self) -> str:
        """Where the rows with errors are to be had as a file."""
        return f"/api/members/imports/{self.pk}/failed-rows"

    def failed_rows(self) -> models.QuerySet[MemberImportRow, tuple[int, list[dict[str, str]]]]:
        """(row, errors) of the rows that were left out, in the file's order."""
        failed = self.rows.filter(fate=MemberImportRow.Fate.FAILED)
        return failed.order_by("row").values_list("row", "errors")


class MemberImportRow(models.Model):
    """What became of one row of an imported file. Written only by ``members.importing``.

    ``row`` counts as a spreadsheet does: the line with the columns' names is 1. ``member_id`` is
    the person, empty for a failed row and for a new person of a trial run; it is no foreign key,
    the person may be deleted later. ``changed`` names the fields that the row changed, ``before`` and
    ``after`` hold their values for an undo (of a new person ``after`` is all that was known of them);
    ``errors`` is ``[{"field": "email", "message": "…"}]``, and ``cells`` are those of a failed row as they
    came, to be mended and sent again. ``undone`` is what an undo did about the row, ``spared`` in the form
    of ``errors`` what it left as it was and why.
    """

    class Fate(models.TextChoices):
        CREATED = "created", _("new")
        UPDATED = "updated", _("changed")
        UNCHANGED = "unchanged", _("as it was")
        FAILED = "failed", _("error")

    class Undone(models.TextChoices):
        REMOVED = "removed", _("removed again")
        RESTORED = "restored", _("set back")
        SPARED = "spared", _("left as it is")
        GONE = "gone", _("not there any more")

    pk = models.CompositePrimaryKey("member_import_id", "row")
    member_import = models.ForeignKey(
        MemberImport, models.CASCADE, db_column="import_id", db_index=False, related_name="rows"
    )
    row = models.PositiveIntegerField()
    fate = models.CharField(max_length=10, choices=Fate)
    member_id = models.UUIDField(null=True)
    changed = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    cells = models.JSONField(default=list)
    undone = models.CharField(max_length=10, choices=Undone, blank=True, default="")
    spared = models.JSONField(default=list)

    class Meta:
        db_table = "member_import_rows"
        ordering = ["row"]
        indexes = [
            # Erasing and merging a person reaches their rows.
            models.Index(
                fields=["member_id"], name="import_rows_member", condition=~models.Q(member_id=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row} {self.fate}"


class ImportMapping(BaseModel):
    """How the church reads files with these columns. Changed only by ``members.importing.mappings``.

    ``header`` are the columns' names, ``signature`` their digest; ``mapping`` is name of a column ->
    field, or None to ignore it.
    """

    signature = models.CharField(_("digest of the columns"), max_length=64, unique=True)
    header = models.JSONField(_("columns"), default=list)
    mapping = models.JSONField(_("what the columns mean"), default=dict)
    external_key = models.CharField(_("column with the key"), max_length=255, blank=True)

    class Meta:
        db_table = "member_import_mappings"
        verbose_name = _("meaning of columns")
        verbose_name_plural = _("meanings of columns")

    def __str__(self) -> str:
        return ", ".join(self.header)[:200]
