"""Background jobs of the people's room."""

from __future__ import annotations

from django.conf import settings

from tenants.tasks import church_job

from .households.importing import place_everybody, place_soon
from .importing import domain, running, undo

# Short, so that a worker that is told to stop can finish its job before it is killed.
SLICE_SECONDS = 20


@church_job
def work_imports() -> None:
    """Works the church's unfinished imports, and queues itself again while some are left."""
    if running.work_unfinished(seconds=min(SLICE_SECONDS, settings.JOB_TIMEOUT / 3)):
        domain.work_soon()


@church_job
def place_people() -> None:
    """Puts people into the households that they state, and queues itself again while some are left."""
    if place_everybody(seconds=min(SLICE_SECONDS, settings.JOB_TIMEOUT / 3)):
        place_soon()


@church_job
def undo_imports() -> None:
    """Works the church's undos of imports, and queues itself again while some are left."""
    if undo.work_undos(seconds=min(SLICE_SECONDS, settings.JOB_TIMEOUT / 3)):
        undo.undo_soon()
