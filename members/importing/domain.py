"""The doors through which an import starts and ends. One door, one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from members.custom_fields.columns import settle_columns
from members.models import MemberImport, MemberImportRow
from tenants.context import current_church
from tenants.tasks import enqueue

from . import mappings, telling
from .columns import Column, columns_of
from .own_fields import keys_by_name, own_fields
from .reading import count_rows, layout_of

# What became of each row is kept this long after an import has ended.
RESULTS_KEPT = timedelta(days=90)
# So long a file waits for somebody to say what its columns mean, or to carry a trial run out.
CONTENT_KEPT = timedelta(days=1)

Status = MemberImport.Status


class NotPossibleError(Exception):
    """What was asked for contradicts the import's state; the text says why, for people."""


@transaction.atomic
def start_import(
    *,
    content: bytes,
    file_name: str,
    mapping: Mapping[str, Any] | None = None,
    external_key: str = "",
    dry_run: bool = False,
    start_sequences: bool = False,
    user: User | None = None,
) -> MemberImport:
    """Takes a CSV file in and queues its import.

    ``mapping`` is name of a column -> field, or None to ignore the column; ``external_key`` names
    the column with the person's key in another system. Own fields that the file names and the church
    does not have are defined, where ``user`` may do so. ``start_sequences`` says that who is new comes
    into the sequences that rooms above start for new people; else they start for nobody. The whole file
    is read through, so that what is wrong with it is said at once. Raises ValidationError with the keys
    ``file``, ``mapping`` and ``external_key``.
    """
    member_import = MemberImport(
        content=content,
        file_name=_printable(file_name) or "people.csv",
        dry_run=dry_run,
        start_sequences=start_sequences,
        created_by=user,
    )
    _choose(member_import, mapping or {}, external_key.strip())
    member_import.save()
    work_soon()
    return member_import


@transaction.atomic
def take_in(
    *, content: bytes, file_name: str, start_sequences: bool = False, user: User | None = None
) -> MemberImport:
    """Keeps a CSV file until somebody has said what its columns mean. Raises ValidationError (``file``)."""
    layout = layout_of(content)
    return MemberImport.objects.create(
        status=Status.DRAFT,
        content=content,
        file_name=_printable(file_name) or "people.csv",
        country=current_church().country,
        rows_total=count_rows(content, layout),
        start_sequences=start_sequences,
        created_by=user,
    )


@transaction.atomic
def choose_columns(
    *,
    member_import: MemberImport,
    mapping: Mapping[str, Any],
    external_key: str = "",
    start_sequences: bool | None = None,
) -> MemberImport:
    """Says what the columns of a draft mean, or of a trial run after all, and queues the trial.

    ``start_sequences`` as in ``start_import``; None leaves it as it was said with the file.
    Raises ValidationError as ``start_import`` does, and NotPossibleError.
    """
    locked = MemberImport.objects.select_for_update().get(pk=member_import.pk)
    locked.content = content_of(locked)
    if locked.content is None or not (locked.status == Status.DRAFT or _is_finished_trial(locked)):
        raise NotPossibleError(_("The file is not kept any more. Choose it again."))
    locked.rows.all().delete()
    locked.status, locked.dry_run = Status.QUEUED, True
    locked.rows_done = locked.created = locked.updated = locked.unchanged = locked.failed = 0
    locked.attempts = 0
    locked.started_at = locked.finished_at = None
    if start_sequences is not None:
        locked.start_sequences = start_sequences
    _choose(locked, mapping, external_key.strip())
    locked.save()
    work_soon()
    return locked


@transaction.atomic
def carry_out(*, member_import: MemberImport, user: User | None = None) -> MemberImport:
    """Imports the file of a trial run, with its columns, as a new import. Raises NotPossibleError."""
    trial = MemberImport.objects.select_for_update().get(pk=member_import.pk)
    content = content_of(trial)
    if content is None or not _is_finished_trial(trial):
        raise NotPossibleError(
            _("Only a finished trial run of the last day can be carried out, and only once.")
        )
    copied = ("file_name", "external_key", "country", "rows_total", "start_sequences")
    started = MemberImport(
        content=content, created_by=user, **{name: getattr(trial, name) for name in copied}
    )
    chosen = [Column(c["position"], c["column"], list(c["fields"])) for c in trial.columns]
    _settle(started, chosen)
    started.ignored_columns = [*trial.ignored_columns, *started.ignored_columns]
    started.save()
    trial.content = None
    trial.save(update_fields=["content", "updated_at"])
    work_soon()
    return started


def content_of(member_import: MemberImport) -> bytes | None:
    """The file, where it is still kept."""
    found = MemberImport.objects.values_list("content", flat=True).get(pk=member_import.pk)
    return None if found is None else bytes(found)


def can_be_carried_out(member_import: MemberImport) -> bool:
    """Whether ``carry_out`` would do it."""
    kept = MemberImport.objects.filter(pk=member_import.pk, content__isnull=False)
    return _is_finished_trial(member_import) and kept.exists()


def _is_finished_trial(member_import: MemberImport) -> bool:
    return member_import.dry_run and member_import.status == Status.DONE


def _choose(member_import: MemberImport, mapping: Mapping[str, Any], external_key: str) -> None:
    """Reads the file through and sets what depends on its columns. Raises ValidationError."""
    content = bytes(member_import.content or b"")
    layout = layout_of(content)
    columns = columns_of(
        layout.header,
        mapping=mapping,
        external_key=external_key,
        own_fields=keys_by_name(own_fields(member_import.created_by)),
    )
    _settle(member_import, columns)
    member_import.external_key = next((c.name for c in columns if "external_key" in c.fields), "")[:255]
    member_import.country = current_church().country
    member_import.rows_total = count_rows(content, layout)
    if mapping:
        mappings.keep_mapping(header=layout.header, mapping=mapping, external_key=external_key)


def _settle(member_import: MemberImport, columns: Sequence[Column]) -> None:
    """Notes what each column fills; own fields that are new are defined, unless this is a trial."""
    settle_columns(columns, user=member_import.created_by, dry_run=member_import.dry_run)
    member_import.columns = [
        {"column": _shown(c), "position": c.position, "fields": c.fields} for c in columns if c.fields
    ]
    member_import.ignored_columns = [_shown(column) for column in columns if not column.fields]


def work_soon() -> None:
    """Queues the job that works this church's unfinished imports."""
    # Deferred: the job's module imports this one.
    from members.tasks import work_imports

    enqueue(work_imports)


def take_up_imports(**_event: Any) -> None:
    """Queues the work again where some is left; receives ``tenants.signals`` of a church that
    resumes, and each day's ``church_swept``, should a job have been lost for good.
    """
    if MemberImport.objects.unfinished().exists():
        work_soon()


@transaction.atomic
def fail_import(*, member_import: MemberImport, reason: str) -> None:
    """Ends an import that cannot go on; what its finished rows have done stays."""
    member_import.status = MemberImport.Status.FAILED
    member_import.failure = reason
    _end(member_import)


@transaction.atomic
def finish_import(*, member_import: MemberImport) -> None:
    """Ends an import whose rows are all worked."""
    member_import.status = MemberImport.Status.DONE
    _end(member_import)


def _end(member_import: MemberImport) -> None:
    if _is_finished_trial(member_import):
        # Kept a day, so that the trial can be carried out; left where it is.
        kept = ["status", "failure", "finished_at", "updated_at"]
        member_import.finished_at = timezone.now()
        member_import.save(update_fields=kept)
        return
    member_import.content = None
    member_import.finished_at = timezone.now()
    member_import.save(update_fields=["status", "failure", "content", "finished_at", "updated_at"])
    telling.tell(member_import)


def forget_old_results(**_event: Any) -> None:
    """Deletes what became of single rows in imports of long ago, and files that nobody came back for;
    receives ``church_swept``.
    """
    now = timezone.now()
    MemberImport.objects.filter(status=Status.DRAFT, updated_at__lt=now - CONTENT_KEPT).delete()
    old_trials = MemberImport.objects.filter(dry_run=True, finished_at__lt=now - CONTENT_KEPT)
    old_trials.exclude(content=None).update(content=None)
    ended = MemberImport.objects.filter(finished_at__lt=now - RESULTS_KEPT)
    # One that is just being undone needs its rows until it is.
    forgotten = ended.exclude(undo_asked_at__isnull=False, undone_at=None)
    MemberImportRow.objects.filter(member_import__in=forgotten).delete()


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable()).strip()[:255]


def _shown(column: Column) -> str:
    """The column's name as people see it; one without a name by its place."""
    return column.name or _("column %(number)d") % {"number": column.position + 1}
