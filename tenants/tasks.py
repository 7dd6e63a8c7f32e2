"""Background jobs of a church: one wrapper that every one of them uses.

django-q2 knows nothing of churches. A worker that is handed a job stands outside all of them, in a
schema that does not exist; ``church_job`` is what enters the one that the job is for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django_q.signals import post_execute_in_worker, pre_execute
from django_q.tasks import async_task

from core import context

from .context import (
    NOWHERE,
    ChurchUnavailableError,
    connection,
    current_church,
    enter_church,
    outside_churches,
)

logger = logging.getLogger(__name__)

# What django-q2 would take for an option of its own instead of handing it to the job.
OPTIONS_OF_THE_QUEUE = frozenset(
    [
        "ack_failure", "broker", "cached", "chain", "cluster", "group", "hook", "iter_cached",
        "iter_count", "q_options", "save", "sync", "task_name", "timeout",
    ]
)  # fmt: skip


class UnwrappedJobError(TypeError):
    """A function that is no ``church_job`` was to be queued for a church."""


def church_job(function: Callable[..., Any]) -> Callable[..., Any]:
    """Makes ``function`` (keyword arguments, primitive values) a job that runs inside a church.

    In a suspended or deleted church the job does nothing: whoever keeps a job's state in the
    database queues it again when the church resumes (``signals.church_resumed``).
    """

    @wraps(function)
    def run(*, church_id: str, request_id: str = "", **arguments: Any) -> Any:
        token = context.request_id.set(request_id)
        try:
            with enter_church(church_id), context.working_for(None, come_from="job"):
                return function(**arguments)
        except ChurchUnavailableError as reason:
            logger.warning("job skipped: %s", reason, extra={"job": function.__qualname__})
            return None
        finally:
            context.request_id.reset(token)

    run.is_church_job = True  # type: ignore[attr-defined]  # the mark that enqueue asks for
    return run


def enqueue(job: Callable[..., Any], **arguments: Any) -> str:
    """Queues ``job`` for the church that was entered; returns the queue's id of it.

    The queue is a table, so the job exists if and only if the caller's transaction commits.
    Raises UnwrappedJobError, NoChurchError, and TypeError for an argument with a name that the
    queue keeps for itself.
    """
    if not getattr(job, "is_church_job", False):
        raise UnwrappedJobError(f"{job.__qualname__} is not wrapped in church_job.")
    if taken := OPTIONS_OF_THE_QUEUE & arguments.keys():
        raise TypeError(f"{job.__qualname__}: the queue keeps these names for itself: {sorted(taken)}.")
    church = current_church()
    name = f"{job.__module__}.{job.__qualname__}"
    with outside_churches():
        identifier: str = async_task(
            name, church_id=str(church.id), request_id=context.request_id.get(), **arguments
        )
    return identifier


def _stand_outside(**_event: Any) -> None:
    connection.set_schema(NOWHERE, include_public=False)


def _stand_in_public(**_event: Any) -> None:
    connection.set_schema_to_public()


def connect() -> None:
    """Makes every job of a worker start outside all churches, whoever wrote it."""
    pre_execute.connect(_stand_outside, dispatch_uid="tenants.stand_outside")
    post_execute_in_worker.connect(_stand_in_public, dispatch_uid="tenants.stand_in_public")
