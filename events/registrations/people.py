"""What becomes of registrations when people are merged or deleted."""

from __future__ import annotations

import uuid
from typing import Any

from core.models import HistoryEntry
from events.models import EventRegistration
from members.models import Member, MemberMerge
from tenants.tasks import enqueue

Status = EventRegistration.Status
# From the one that counts most.
BY_WORTH = [Status.ATTENDED, Status.REGISTERED, Status.WAITLISTED]


def keep_the_better_place(*, survivor: Member, absorbed_id: uuid.UUID, **_event: Any) -> None:
    """Where both were registered for one date, one registration was dropped: the other gets what it had.

    Receives ``members_merged``.
    """
    merge = MemberMerge.objects.filter(absorbed_id=absorbed_id).defer("snapshot").latest("created_at")
    dropped = HistoryEntry.objects.filter(
        kind=EventRegistration._meta.label_lower, action=HistoryEntry.Action.DELETE, batch=merge.pk
    )
    for entry in dropped:
        told = {name: pair[0] for name, pair in entry.changes.items()}
        rows = EventRegistration.objects.select_for_update().active()
        kept = rows.filter(
            member=survivor, event=told.get("event"), occurrence_start=f"{told.get('occurrence_start')}Z"
        ).first()
        status = told.get("status")
        if kept and status in BY_WORTH and BY_WORTH.index(status) < BY_WORTH.index(Status(kept.status)):
            kept.status = status
            kept.save(update_fields=["status", "updated_at"])


def refill_soon(**_event: Any) -> None:
    """Lets a job give away places that became free; receives ``members_merged`` and ``member_removed``.

    A job, because the person's rows are locked here before those of events, and everywhere else after.
    """
    # Deferred: the job calls doors, which import this package.
    from events.tasks import refill

    if EventRegistration.objects.filter(status=Status.WAITLISTED).exists():
        enqueue(refill)
