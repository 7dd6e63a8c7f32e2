"""The queue of jobs: a table, worked in the order in which jobs were put into it."""

from __future__ import annotations

from time import sleep

from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf


class InOrder(ORM):
    """django-q2's broker over PostgreSQL, which takes any row that is free: PostgreSQL puts new rows where
    old ones were, and a job that comes back for its next portion would pass those that wait.
    """

    def dequeue(self) -> list[tuple[int, str]] | None:
        """The next jobs, each locked for this worker alone; waits a moment where there is none."""
        free = self.get_connection().filter(key=self.list_key, lock__lt=timezone.now()).order_by("id")
        waiting = list(free[: Conf.BULK])
        if not waiting:
            sleep(Conf.POLL)
            return None
        return [
            (job.pk, job.payload)
            for job in waiting
            if self.get_connection().filter(id=job.id, lock=job.lock).update(lock=self.timeout(job))
        ]
