"""Taking a whole import back: in batches, each with its progress in one transaction.

People whom the import made are removed again, fields that it changed are set back to what they were. What
somebody has changed since, and people to whom something was added since, stay as they are; each such row
keeps the reason. A worker that is killed leaves a batch whole or absent, and whoever is handed the job next
goes on with the rows of which nothing is said yet.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Count, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from core import context
from members.models import MemberImport, MemberImportRow
from tenants.context import current_church
from tenants.models import Church
from tenants.tasks import enqueue

from .domain import RESULTS_KEPT, NotPossibleError
from .taking_back import take_back, take_back_households

logger = logging.getLogger(__name__)

ROWS_IN_BATCH = 500
TRIES_OF_BATCH = 3

Fate = MemberImportRow.Fate
Undone = MemberImportRow.Undone


class TakenError(Exception):
    """Another worker has this undo in hand, or it has ended."""


def reason_against(member_import: MemberImport) -> str:
    """Why the import cannot be undone, or an empty text."""
    if member_import.dry_run:
        return _("A trial run has changed nothing.")
    if not member_import.is_finished:
        return _("The import is not finished.")
    if (member_import.finished_at or timezone.now()) < timezone.now() - RESULTS_KEPT:
        return _("An import can be undone for %(days)d days.") % {"days": RESULTS_KEPT.days}
    return ""


@transaction.atomic
def ask_for_undo(*, member_import: MemberImport, user: User | None = None) -> MemberImport:
    """Queues the undo of an import; changes nothing where one was asked for. Raises NotPossibleError."""
    locked = MemberImport.objects.select_for_update().get(pk=member_import.pk)
    if locked.undo_asked_at is not None:
        return locked
    if reason := reason_against(locked):
        raise NotPossibleError(reason)
    locked.undo_asked_at = timezone.now()
    locked.undo_asked_by = user
    locked.save(update_fields=["undo_asked_at", "undo_asked_by", "updated_at"])
    undo_soon()
    return locked


def undo_soon() -> None:
    """Queues the job that works this church's undos."""
    # Deferred: the job's module imports this one.
    from members.tasks import undo_imports

    enqueue(undo_imports)


def take_up_undos(**_event: Any) -> None:
    """Queues the work again where some is left; receives ``church_resumed`` and ``church_swept``."""
    if MemberImport.objects.to_undo().exists():
        undo_soon()


def progress_of(member_import: MemberImport) -> dict[str, Any] | None:
    """``status, asked_at, undone_at, removed, restored, spared, remaining``; None without an undo."""
    if member_import.undo_asked_at is None:
        return None
    counts = member_import.rows.aggregate(
        removed=Count("row", filter=Q(undone=Undone.REMOVED, fate=Fate.CREATED)),
        restored=Count("row", filter=Q(undone=Undone.RESTORED)),
        remaining=Count("row", filter=Q(undone="", fate__in=[Fate.CREATED, Fate.UPDATED])),
    )
    return {
        "status": "running" if member_import.is_being_undone else "done",
        "asked_at": member_import.undo_asked_at,
        "undone_at": member_import.undone_at,
        "spared": member_import.spared,
        **counts,
    }


def work_undos(*, seconds: float) -> bool:
    """Works the church's undos for about ``seconds``; says whether any is left. At least one batch."""
    deadline = time.monotonic() + seconds
    with translation.override(current_church().language):
        while member_import := MemberImport.objects.to_undo().select_related("undo_asked_by").first():
            if not Church.objects.filter(pk=current_church().pk, status=Church.Status.ACTIVE).exists():
                return False
            try:
                with context.working_for(member_import.undo_asked_by, come_from="import"):
                    _next_batch(member_import)
            except TakenError:
                # Whoever has it in hand goes on with it.
                if MemberImport.objects.to_undo().filter(pk=member_import.pk).exists():
                    return False
            if time.monotonic() >= deadline:
                return MemberImport.objects.to_undo().exists()
    return False


def _next_batch(member_import: MemberImport) -> None:
    """Undoes the next rows, or ends the undo. Raises TakenError, OperationalError."""
    for remaining in reversed(range(TRIES_OF_BATCH)):
        try:
            return _work(member_import)
        except (IntegrityError, OperationalError):
            # Somebody changed the same people at the same moment; the next look sees what they did.
            if not remaining:
                raise
    return None


@transaction.atomic
def _work(member_import: MemberImport) -> None:
    found = MemberImport.objects.to_undo().select_for_update(skip_locked=True, of=("self",))
    locked: MemberImport | None = found.filter(pk=member_import.pk).first()
    if locked is None:
        raise TakenError
    rows = _next_rows(locked)
    if rows:
        take_back(locked, rows)
        locked.spared += sum(bool(row.spared) for row in rows)
        MemberImportRow.objects.bulk_update(rows, ["undone", "spared"])
    else:
        take_back_households(locked)
        locked.undone_at = timezone.now()
        logger.info("import undone", extra={"import": str(locked.pk), "spared": locked.spared})
    locked.save(update_fields=["spared", "undone_at", "updated_at"])


def _next_rows(member_import: MemberImport) -> list[MemberImportRow]:
    """The last rows of which nothing is said yet, and with each new person all rows about them."""
    waiting = member_import.rows.filter(undone="", fate__in=[Fate.CREATED, Fate.UPDATED])
    rows = list(waiting.select_for_update().order_by("-row")[:ROWS_IN_BATCH])
    people = {row.member_id for row in rows}
    numbers = {row.row for row in rows}
    rows += waiting.select_for_update().filter(member_id__in=people).exclude(row__in=numbers)
    return sorted(rows, key=lambda row: row.row)
