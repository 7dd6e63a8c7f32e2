"""The platform's own jobs: the sign of life, and the daily sweep through the churches."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from core.health import NotReadyError

from .context import outside_churches
from .models import WorkerHeartbeat

HEARTBEAT = "tenants.jobs.beat"
# The schedule beats each minute; two missed beats are tolerated.
SILENCE_ALLOWED = timedelta(minutes=3)


def beat() -> None:
    """Writes down that a worker finished a job just now."""
    with outside_churches():
        WorkerHeartbeat.objects.update_or_create(name="worker", defaults={"beat_at": timezone.now()})


def check_worker() -> None:
    """Raises NotReadyError when no worker has finished a job in the last three minutes."""
    with outside_churches():
        heartbeat = WorkerHeartbeat.objects.filter(name="worker").first()
    if heartbeat is None or timezone.now() - heartbeat.beat_at > SILENCE_ALLOWED:
        raise NotReadyError("No background worker is alive.")


def schedule_platform_jobs() -> None:
    """Makes sure that the platform's recurring jobs are planned, and asks for a beat at once."""
    with outside_churches():
        Schedule.objects.update_or_create(
            name="heartbeat", defaults={"func": HEARTBEAT, "schedule_type": Schedule.MINUTES, "minutes": 1}
        )
        async_task(HEARTBEAT)
