"""Objects of which no row knows: left behind by a crash, or by a church that was deleted."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.utils import timezone
from django_q.tasks import async_task

from tenants.context import outside_churches
from tenants.models import Church

from . import objects
from .models import StoredFile

logger = logging.getLogger(__name__)

# Far longer than any upload's transaction: an object is in the store before its row is committed.
LEFT_ALONE = timedelta(days=1)
AT_ONCE = 500


def sweep(**_event: Any) -> None:
    """Removes what lies in the church's part of the store and has no row; receives ``church_swept``."""
    try:
        _remove_orphans()
    except Exception:
        # A store that does not answer today keeps no other room from its sweep.
        logger.exception("files not swept")


def _remove_orphans() -> None:
    until = timezone.now() - LEFT_ALONE
    found = (key for key, written in objects.entries() if written < until)
    for keys in _batches(found):
        known = set(StoredFile.objects.filter(key__in=keys).values_list("key", flat=True))
        if orphans := [objects.own(key) for key in keys if key not in known and objects.KEY.fullmatch(key)]:
            objects.store().delete_many(orphans)
            logger.info("objects without a row removed", extra={"objects": len(orphans)})


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(keys)
    while batch := list(islice(remaining, AT_ONCE)):
        yield batch


def remove_church(*, church: Church, **_event: Any) -> None:
    """Queues the removal of all that a church has in the store; receives ``church_deleted``.

    No job of the church, which will not be there; the transaction that deletes it decides whether it runs.
    """
    with outside_churches():
        async_task(
            "files.sweeping.remove_objects_of",
            deleted_church_id=str(church.pk),
            deleted_at=timezone.now().isoformat(),
        )


def remove_objects_of(*, deleted_church_id: str, deleted_at: str) -> None:
    """Removes what a deleted church has left; safe to repeat, and the queue does so when the store fails.

    Under its id it may have come back meanwhile out of an export: then what is younger is its own, and for
    what is older its daily sweep cares.
    """
    church_id, until = uuid.UUID(deleted_church_id), datetime.fromisoformat(deleted_at)
    with outside_churches():
        if Church.objects.filter(pk=church_id).exists():
            return
    prefix = objects.prefix_of(church_id)
    left = (key for key, written in objects.store().entries(prefix) if written <= until)
    # All names first: removing while listing confuses some stores.
    for keys in _batches(list(left)):
        objects.store().delete_many(keys)
    objects.store().forget(prefix)
