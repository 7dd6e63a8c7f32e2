"""The platform's own jobs: the sign of life, and the daily sweep through the churches."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import Schedule, Task
from django_q.tasks import async_task

from core.api.idempotency import forget_old_keys
from core.health import NotReadyError

from . import signals
from .context import ChurchUnavailableError, enter_church, outside_churches
from .models import Church, WorkerHeartbeat

logger = logging.getLogger(__name__)

SWEEP = "tenants.jobs.sweep"
SWEEP_CHURCHES = "tenants.jobs.sweep_churches"
TICK = "tenants.due.tick"
SECONDS_BETWEEN_BEATS = 10
SILENCE_ALLOWED = timedelta(minutes=1)
CHURCHES_SWEPT_AT_ONCE = 100
FAILED_JOBS_KEPT = timedelta(days=30)
# Any number that nothing else locks.
PLANNING = 7_264_001


def beat() -> None:
    """Writes down that a worker is alive.

    Called by the worker itself and not by a job: jobs wait behind others, and a worker that has much
    to do is no dead one.
    """
    with outside_churches():
        WorkerHeartbeat.objects.update_or_create(name="worker", defaults={"beat_at": timezone.now()})


def check_worker() -> None:
    """Raises NotReadyError when no worker has shown itself in the last minute."""
    with outside_churches():
        heartbeat = WorkerHeartbeat.objects.filter(name="worker").first()
    if heartbeat is None or timezone.now() - heartbeat.beat_at > SILENCE_ALLOWED:
        raise NotReadyError("No background worker is alive.")


def sweep() -> None:
    """Deletes what has expired on the platform, and queues the same for the active churches."""
    with outside_churches():
        _forget_expired_sessions()
        Task.objects.filter(stopped__lt=timezone.now() - FAILED_JOBS_KEPT).delete()
        churches = [str(church_id) for church_id in Church.objects.active().values_list("id", flat=True)]
        for start in range(0, len(churches), CHURCHES_SWEPT_AT_ONCE):
            async_task(SWEEP_CHURCHES, churches[start : start + CHURCHES_SWEPT_AT_ONCE])


def sweep_churches(church_ids: list[str]) -> None:
    """Deletes what has expired in these churches: idempotency keys, sessions, and what rooms above add.

    One church's failure is logged and keeps no other from its turn.
    """
    for church_id in church_ids:
        try:
            with enter_church(church_id) as church:
                forget_old_keys()
                _forget_expired_sessions()
                signals.church_swept.send(sender=Church, church=church)
        except ChurchUnavailableError as reason:
            logger.info("sweep skipped: %s", reason)
        except Exception:
            # Whatever it was, it was this church's.
            logger.exception("sweep failed", extra={"swept_church": church_id})


def _forget_expired_sessions() -> None:
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def schedule_platform_jobs() -> None:
    """Makes sure that the platform's recurring jobs are planned."""
    with outside_churches(), transaction.atomic():
        # Two workers that start at once would both find nothing planned and both plan it.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PLANNING])
        # Not moved by a restart: an installation that restarts often would never come to it.
        Schedule.objects.get_or_create(
            name="sweep", defaults={"func": SWEEP, "schedule_type": Schedule.DAILY}
        )
        Schedule.objects.get_or_create(
            name="tick", defaults={"func": TICK, "schedule_type": Schedule.MINUTES, "minutes": 1}
        )
