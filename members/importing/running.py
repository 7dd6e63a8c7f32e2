"""Working an import off: in batches, each with the progress in one transaction.

A worker that is killed leaves a batch whole or absent, and whoever is handed the job next goes on
where the progress says. A church's imports are worked one after another, the oldest first, so that
two lists of the same people do not both add them; a lock on the import's row keeps a second worker
out. A trial run saves nothing that it could go on from and starts again.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import context
from members.custom_fields.columns import fields_for
from members.models import MemberImport, MemberImportRow
from tenants.context import current_church
from tenants.models import Church

from .batches import Batch, GoneError, Outcome
from .domain import fail_import, finish_import
from .matching import EVIDENCE
from .plan import NumberedTexts, Plan, make_plan
from .reading import layout_of, rows_of
from .register import Register
from .rows import Statement, statement_of, texts_of

logger = logging.getLogger(__name__)

ROWS_IN_BATCH = 500
# Below the queue's own limit of attempts, so that the end is written down before that is reached.
MOST_STARTS = 3
TRIES_OF_BATCH = 3
# Each job looks the file through first; it then works at least so many times as long as that took.
WORK_FOR_A_LOOK = 4


class TakenError(Exception):
    """Another worker has this import in hand, or it has ended."""


def work_unfinished(*, seconds: float) -> bool:
    """Works the church's unfinished imports for about ``seconds``; says whether any is left.

    Getting to know a file is not counted, and at least one batch is worked. A trial run that has
    begun is worked to its end. Stops at the end of a batch when the church is suspended.
    """
    started = time.monotonic()
    with translation.override(current_church().language):
        while member_import := MemberImport.objects.unfinished().first():
            if not _church_is_active():
                return False
            try:
                with context.working_for(member_import.created_by, come_from="import"):
                    _work(member_import, seconds)
            except TakenError:
                # Whoever has it in hand looks for the next one when it is done.
                if MemberImport.objects.unfinished().filter(pk=member_import.pk).exists():
                    return False
            if time.monotonic() - started >= seconds:
                return MemberImport.objects.unfinished().exists()
    return False


def _church_is_active() -> bool:
    return Church.objects.filter(pk=current_church().pk, status=Church.Status.ACTIVE).exists()


def _work(member_import: MemberImport, seconds: float) -> None:
    """Works one import until it has ended or its time is up. Raises TakenError."""
    try:
        member_import = _begin(member_import)
        if member_import.is_finished:
            return
        began = time.monotonic()
        run = Run(member_import)
        ready = time.monotonic()
        deadline = ready + max(seconds, WORK_FOR_A_LOOK * (ready - began))
        while run.next_batch():
            late = time.monotonic() >= deadline and not member_import.dry_run
            if late or not _church_is_active():
                return
    except (TakenError, OperationalError):
        # The database went away or is overloaded: the queue hands the job out again.
        raise
    except Exception:
        logger.exception("import failed", extra={"import": str(member_import.pk)})
        with transaction.atomic():
            locked = _locked(member_import)
            reason = _("Something went wrong on our side after %(rows)d rows. It has been recorded.")
            fail_import(member_import=locked, reason=reason % {"rows": locked.rows_done})


def _locked(member_import: MemberImport) -> MemberImport:
    """The import as it is now, locked until the transaction ends. Raises TakenError."""
    found = MemberImport.objects.unfinished().select_for_update(skip_locked=True).filter(pk=member_import.pk)
    locked: MemberImport | None = found.first()
    if locked is None:
        raise TakenError
    return locked


@transaction.atomic
def _begin(member_import: MemberImport) -> MemberImport:
    locked = _locked(member_import)
    if locked.attempts >= MOST_STARTS:
        reason = _("The work was cut off %(times)d times after %(rows)d rows.")
        fail_import(
            member_import=locked, reason=reason % {"times": locked.attempts, "rows": locked.rows_done}
        )
        return locked
    if locked.dry_run and locked.rows_done:
        MemberImportRow.objects.filter(member_import=locked).delete()
        locked.rows_done = locked.created = locked.updated = locked.unchanged = locked.failed = 0
    locked.status = MemberImport.Status.RUNNING
    locked.started_at = locked.started_at or timezone.now()
    locked.attempts += 1
    locked.save()
    return locked


class Run:
    """The work of one job on one import."""

    def __init__(self, member_import: MemberImport) -> None:
        self.member_import = member_import
        self.content = bytes(
            MemberImport.objects.values_list("content", flat=True).get(pk=member_import.pk) or b""
        )
        self.layout = layout_of(self.content)
        self.columns = [(column["position"], column["fields"]) for column in member_import.columns]
        self.own_fields = fields_for(member_import.columns)
        self.plan: Plan = make_plan(self._texts, country=member_import.country, own_fields=self.own_fields)
        self.register = Register(remembers=member_import.dry_run)
        self.position = member_import.rows_done
        self.rows = islice(rows_of(self.content, self.layout), self.position, None)

    def next_batch(self) -> bool:
        """Works the next rows; says whether there are more. Raises TakenError, OperationalError."""
        cells_by_row = dict(islice(self.rows, ROWS_IN_BATCH))
        statements = [self._statement(row, cells) for row, cells in cells_by_row.items()]
        # What a trial run remembers cannot be taken back.
        tries = 1 if self.member_import.dry_run else TRIES_OF_BATCH
        for remaining in reversed(range(tries)):
            try:
                return self._save(statements, cells_by_row)
            except (IntegrityError, OperationalError, GoneError):
                # Somebody changed the same people at the same moment; the next look sees what they did.
                if not remaining:
                    raise
        return False

    @transaction.atomic
    def _save(self, statements: list[Statement], cells_by_row: dict[int, list[str]]) -> bool:
        locked = _locked(self.member_import)
        if locked.rows_done != self.position:
            raise TakenError
        register = self.register if locked.dry_run else Register(remembers=False)
        outcomes = Batch(self.plan, register, dry_run=locked.dry_run, member_import=locked).work(statements)
        MemberImportRow.objects.bulk_create(_result_rows(locked, outcomes, cells_by_row))
        self._add_cells_of_failed(locked, cells_by_row)
        fates = Counter(outcome.fate for outcome in outcomes)
        locked.created += fates[MemberImportRow.Fate.CREATED]
        locked.updated += fates[MemberImportRow.Fate.UPDATED]
        locked.unchanged += fates[MemberImportRow.Fate.UNCHANGED]
        locked.failed += fates[MemberImportRow.Fate.FAILED]
        locked.rows_done += len(statements)
        if not locked.dry_run:
            locked.attempts = 0
        locked.save()
        more = bool(statements) and locked.rows_done < locked.rows_total
        if not more:
            finish_import(member_import=locked)
        self.position = locked.rows_done
        return more

    def _add_cells_of_failed(self, locked: MemberImport, cells_by_row: dict[int, list[str]]) -> None:
        """A row that failed with an earlier one of the same person was not read yet at that time."""
        later = [row for row in cells_by_row if row in self.plan.later]
        if not later:
            return
        failed = locked.rows.filter(row__in=later, fate=MemberImportRow.Fate.FAILED, cells=[])
        for row in failed.values_list("row", flat=True):
            locked.rows.filter(row=row).update(cells=cells_by_row[row])

    def _statement(self, row: int, cells: list[str]) -> Statement:
        if self._has_stray_cells(cells):
            text = _(
                "The row has more cells than the first line has columns; a text with a comma needs quotes."
            )
            return Statement(row, errors=[{"field": "", "message": text}])
        texts = texts_of(cells, self.columns)
        statement = statement_of(row, texts, country=self.member_import.country, own_fields=self.own_fields)
        if not any(statement.values.get(name) for name in EVIDENCE):
            statement.fingerprint = self.plan.fingerprint(row, texts)
        return statement

    def _has_stray_cells(self, cells: list[str]) -> bool:
        return any(cell.strip() for cell in cells[len(self.layout.header) :])

    def _texts(self) -> Iterator[NumberedTexts]:
        for row, cells in rows_of(self.content, self.layout):
            if not self._has_stray_cells(cells):
                yield row, texts_of(cells, self.columns)


def _result_rows(
    member_import: MemberImport, outcomes: list[Outcome], cells_by_row: dict[int, list[str]]
) -> list[MemberImportRow]:
    return [
        MemberImportRow(
            member_import=member_import,
            row=outcome.row,
            fate=outcome.fate,
            member_id=outcome.member_id,
            changed=outcome.changed,
            before=outcome.before,
            after=outcome.after,
            errors=outcome.errors,
            cells=cells_by_row.get(outcome.row, []) if outcome.errors else [],
        )
        for outcome in outcomes
    ]
