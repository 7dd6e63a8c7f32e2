"""The doors through which an import starts and ends. One door, one transaction."""

from __future__ import annotations

from collections.abc import Mapping
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

from .columns import Column, columns_of
from .reading import count_rows, layout_of

# What became of each row is kept this long after an import has ended.
RESULTS_KEPT = timedelta(days=90)


@transaction.atomic
def start_import(
    *,
    content: bytes,
    file_name: str,
    mapping: Mapping[str, Any] | None = None,
    external_key: str = "",
    dry_run: bool = False,
    user: User | None = None,
) -> MemberImport:
    """Takes a CSV file in and queues its import.

    ``mapping`` is name of a column -> field, or None to ignore the column; ``external_key`` names
    the column with the person's key in another system. Own fields that the file names and the church
    does not have are defined, where ``user`` may do so. The whole file is read through, so that
    what is wrong with it is said at once. Raises ValidationError with the keys ``file``,
    ``mapping`` and ``external_key``.
    """
    layout = layout_of(content)
    columns = columns_of(layout.header, mapping=mapping or {}, external_key=external_key.strip())
    settle_columns(columns, user=user, dry_run=dry_run)
    member_import = MemberImport.objects.create(
        content=content,
        file_name=_printable(file_name) or "people.csv",
        dry_run=dry_run,
        columns=[
            {"column": _shown(c), "position": c.position, "fields": c.fields} for c in columns if c.fields
        ],
        ignored_columns=[_shown(column) for column in columns if not column.fields],
        external_key=next((c.name for c in columns if "external_key" in c.fields), "")[:255],
        country=current_church().country,
        rows_total=count_rows(content, layout),
        created_by=user,
    )
    work_soon()
    return member_import


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
    member_import.content = None
    member_import.finished_at = timezone.now()
    member_import.save(update_fields=["status", "failure", "content", "finished_at", "updated_at"])


def forget_old_results(**_event: Any) -> None:
    """Deletes what became of single rows in imports of long ago; receives ``church_swept``."""
    ended_before = timezone.now() - RESULTS_KEPT
    MemberImportRow.objects.filter(member_import__finished_at__lt=ended_before).delete()


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable()).strip()[:255]


def _shown(column: Column) -> str:
    """The column's name as people see it; one without a name by its place."""
    return column.name or _("column %(number)d") % {"number": column.position + 1}
