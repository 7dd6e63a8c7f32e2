"""``manage.py worker``: works background jobs and the schedule until SIGTERM or Ctrl-C."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django_q.cluster import Cluster

from tenants.jobs import SECONDS_BETWEEN_BEATS, beat, schedule_platform_jobs
from tenants.pooling import refuse_shared_search_path

logger = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1  # prctl(2)


class Command(BaseCommand):
    help = (
        "Works background jobs and the schedule, WORKER_PROCESSES at a time, until SIGTERM or Ctrl-C; "
        "a job under way is finished first."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_shared_search_path(settings.DATABASE_URL)
        schedule_platform_jobs()
        # A connection that two processes write to mixes their replies.
        connections.close_all()
        _end_children_with_this_process()
        cluster = Cluster()
        cluster.start()
        logger.info("worker started", extra={"processes": settings.Q_CLUSTER["workers"]})
        sentinel = cluster.sentinel
        next_beat = 0.0
        while sentinel.is_alive():
            if time.monotonic() >= next_beat:
                _beat()
                next_beat = time.monotonic() + SECONDS_BETWEEN_BEATS
            # In short steps: a signal that comes just before a wait is not looked at until its end.
            sentinel.join(1)
        if sentinel.exitcode:
            raise CommandError(f"The worker's processes ended with status {sentinel.exitcode}.")


def _beat() -> None:
    try:
        beat()
    except DatabaseError:
        # The database is away for a while. The worker's processes wait for it, and so does this one.
        logger.exception("the worker's sign of life was not written")
        connections.close_all()


def _end_children_with_this_process() -> None:
    """Lets Linux kill what this process forks when it is killed itself.

    django-q2's processes would go on without the one that an operator sees and can stop.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)

    def in_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    os.register_at_fork(after_in_child=in_child)
