"""Taking objects out of the store after their rows are gone, as often as it takes.

What is to go stands in a table, written in the transaction that deletes the row; ``tenants.due`` comes back
for it. So an object goes if and only if its row went, and a store that is away for a while is asked again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from tenants import due

from . import objects
from .models import FileRemoval

logger = logging.getLogger(__name__)

KIND = "files.removals"
AT_ONCE = 50
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(days=1)


def plan_removal(key: str) -> None:
    """Says that the object ``key`` is to go when the present transaction has committed."""
    now = timezone.now()
    FileRemoval.objects.bulk_create([FileRemoval(key=key, due_at=now)], ignore_conflicts=True)
    due.plan(KIND, now)


def remove_due_objects() -> None:
    """Removes what is due; what the store refuses is due again after a pause that grows to a day."""
    while _remove_some() == AT_ONCE:
        pass


@transaction.atomic
def _remove_some() -> int:
    rows = list(
        FileRemoval.objects.select_for_update(skip_locked=True)
        .filter(due_at__lte=timezone.now())
        .order_by("due_at")[:AT_ONCE]
    )
    for row in rows:
        try:
            objects.delete(row.key)
        except Exception as error:
            # Stores fail in many ways, and one object's failure is not another's.
            logger.warning("object not removed: %s", type(error).__name__, extra={"attempts": row.attempts})
            row.due_at = timezone.now() + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.attempts, 12))
            row.attempts += 1
            row.save(update_fields=["attempts", "due_at"])
        else:
            row.delete()
    return len(rows)


def next_removal() -> datetime | None:
    """When something is due next."""
    return FileRemoval.objects.order_by("due_at").values_list("due_at", flat=True).first()
