"""What can be said about jobs from the queue's own tables, and trying a failed one again.

django-q2 keeps a row for a job that has failed at least once and counts its attempts. The job
itself stays queued until it succeeds or its attempts are used up; one that succeeds later leaves
the row of its failure behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_q.conf import Conf
from django_q.models import Failure, OrmQ
from django_q.tasks import async_task

from .context import outside_churches
from .models import Church


class FailedJobState(models.TextChoices):
    WAITING = "waiting", _("Will be tried again")
    RUNNING = "running", _("Is being tried again")
    GIVEN_UP = "given_up", _("Given up")
    SUCCEEDED = "succeeded", _("Went well later")


# In these states a job can be made to run again.
RETRIED = frozenset({FailedJobState.WAITING, FailedJobState.GIVEN_UP})


def churches_by_id(arguments: Iterable[dict[str, Any] | None]) -> dict[str, Church]:
    """The churches that jobs with these keyword arguments are for, by id as text. One query."""
    identifiers = {str(found["church_id"]) for found in arguments if found and found.get("church_id")}
    return {str(church.pk): church for church in Church.objects.filter(pk__in=identifiers)}


def states_of(failures: Iterable[Failure]) -> dict[str, FailedJobState]:
    """What became of each failed job, by its id. One query."""
    wanted = {failure.id: failure for failure in failures}
    states = {}
    if wanted:
        for queued in OrmQ.objects.iterator():
            failure = wanted.get(queued.task_id())
            if failure is not None:
                states[failure.id] = _queued_state(failure, queued)
    for identifier, failure in wanted.items():
        used_up = failure.attempt_count >= Conf.MAX_ATTEMPTS > 0
        states.setdefault(identifier, FailedJobState.GIVEN_UP if used_up else FailedJobState.SUCCEEDED)
    return states


def _queued_state(failure: Failure, queued: OrmQ) -> FailedJobState:
    # Whoever takes a job locks it for Conf.RETRY seconds. A lock older than the failure is that of
    # the attempt that failed; a younger one belongs to an attempt that is running now.
    taken_at = queued.lock - timedelta(seconds=Conf.RETRY)
    return FailedJobState.WAITING if taken_at <= failure.stopped else FailedJobState.RUNNING


def retry_job(*, failure: Failure) -> bool:
    """Lets a failed job run again at once. False when it runs already or went well meanwhile."""
    with outside_churches(), transaction.atomic():
        locked = Failure.objects.select_for_update().filter(pk=failure.pk).first()
        if locked is None:
            return False
        match states_of([locked])[locked.id]:
            case FailedJobState.WAITING:
                queued = next(row for row in OrmQ.objects.iterator() if row.task_id() == locked.id)
                OrmQ.objects.filter(pk=queued.pk).update(lock=timezone.now())
            case FailedJobState.GIVEN_UP:
                options = {"hook": locked.hook, "group": locked.group, "cluster": locked.cluster}
                async_task(
                    locked.func,
                    *(locked.args or ()),
                    q_options={name: value for name, value in options.items() if value},
                    **(locked.kwargs or {}),
                )
                locked.delete()
            case _:
                return False
    return True
