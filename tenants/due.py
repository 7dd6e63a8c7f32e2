"""What is due in which church, in one table of the platform: reminders, digests, retries.

A job that went through all churches each minute would cost as much as there are churches. So each
church's next time of each kind of work stands in one indexed table, and the minute's tick asks it for
what is due. A room names its work in ``AppConfig.ready``:

    register(DueKind("events.reminders", work=send_reminders, next_due=next_reminder))

and its doors call ``plan`` when they make something that falls due.

Work that is much is done in portions: after each, the church stands at the end of the queue again, so that
no church waits for all that another one has to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_q.tasks import async_task

from .context import current_church, outside_churches
from .models import Church, DueWork
from .tasks import church_job

# After that long, work that was handed out and did not end is handed out again, as the queue does with jobs.
LEASE = timedelta(seconds=settings.Q_CLUSTER["retry"])
HANDED_OUT_AT_ONCE = 500


@dataclass(frozen=True)
class DueKind:
    """One kind of work. Both functions run inside a church.

    ``work`` does what is due by now; it may be called again for what it did already. It answers True when
    it did a portion and there is more to do at once; a time before which it need not be called again,
    whatever is due (something that it needs is away); None when it is done. ``next_due`` answers when
    there is something to do next, from the room's own rows: None for nothing.
    """

    name: str
    work: Callable[[], datetime | bool | None]
    next_due: Callable[[], datetime | None]


kinds: dict[str, DueKind] = {}


def register(kind: DueKind) -> None:
    """Names a kind of work; called in ``AppConfig.ready``."""
    kinds[kind.name] = kind


def plan(name: str, at: datetime) -> None:
    """Says that the church that was entered has work of the kind ``name`` at ``at`` (or earlier, if
    that was said before). Raises KeyError for an unknown kind, NoChurchError.

    Part of the caller's transaction: what is rolled back was not planned.
    """
    kind = kinds[name]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.due_work (church_id, kind, due_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (church_id, kind) DO UPDATE"
            " SET due_at = LEAST(public.due_work.due_at, EXCLUDED.due_at)",
            [current_church().pk, kind.name, at],
        )


def tick() -> int:
    """Hands out what is due, as jobs; returns how many. Costs one query when nothing is."""
    now = timezone.now()
    with outside_churches(), transaction.atomic():
        due = list(
            DueWork.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(due_at__lte=now, church__status=Church.Status.ACTIVE)
            .order_by("due_at")[:HANDED_OUT_AT_ONCE]
        )
        if not due:
            return 0
        until = now + LEASE
        DueWork.objects.filter(pk__in=[row.pk for row in due]).update(due_at=until)
        for row in due:
            _queue(str(row.church_id), row.kind, until)
    return len(due)


def _queue(church_id: str, kind: str, until: datetime) -> None:
    async_task("tenants.due.work_due", church_id=church_id, kind=kind, until=until.isoformat())


@church_job
def work_due(*, kind: str, until: str = "") -> None:
    """Does the church's due work of one kind, or a portion of it, and plans the next.

    ``until`` (ISO 8601) is how long it is handed out to this job.
    """
    known = kinds.get(kind)
    answer = known.work() if known is not None else None
    if answer is True:
        queue_again(kind, until=datetime.fromisoformat(until) if until else None)
    else:
        replan(kind, not_before=answer or None)


@transaction.atomic
def queue_again(name: str, *, until: datetime | None) -> None:
    """Puts the church at the end of the queue with the rest of its work, and holds it for that long again.

    Does nothing when the work was handed out anew since ``until``: the job that has it now goes on.
    """
    row = DueWork.objects.select_for_update().filter(church=current_church(), kind=name).first()
    if row is None:
        plan(name, timezone.now())
        return
    if until is not None and row.due_at > until:
        return
    following = timezone.now() + LEASE
    DueWork.objects.filter(pk=row.pk).update(due_at=following)
    with outside_churches():
        _queue(str(row.church_id), name, following)


@transaction.atomic
def replan(name: str, *, not_before: datetime | None = None) -> None:
    """Writes down when the church has work of this kind next, as its rows say.

    The row is locked before they are read: a door that made an earlier one meanwhile and called
    ``plan`` either committed before, and is read here, or waits and puts its own time in.
    """
    row = DueWork.objects.select_for_update().filter(church=current_church(), kind=name).first()
    if row is None:
        return
    known = kinds.get(name)
    following = known.next_due() if known is not None else None
    if following is None:
        row.delete()
    else:
        at = max(following, not_before) if not_before else following
        DueWork.objects.filter(pk=row.pk).update(due_at=at)
