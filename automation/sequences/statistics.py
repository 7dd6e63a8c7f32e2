"""What became of a sequence's people and messages, in numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from automation.models import AutomatedMessage, EmailTemplate, Enrolment, Sequence

Status = AutomatedMessage.Status
_LEFT = Q(status=Status.SKIPPED, skip_reason=AutomatedMessage.SkipReason.LEFT)
# What is counted of each step's messages.
COUNTED: dict[str, Q] = {
    "waiting": Q(status__in=[Status.PENDING, Status.PROCESSING]),
    "sent": Q(status=Status.SENT),
    "delivered": Q(delivered_at__isnull=False),
    "bounced": Q(bounced_at__isnull=False),
    "clicked": Q(clicked_at__isnull=False),
    "failed": Q(status=Status.FAILED),
    "unknown": Q(status=Status.UNKNOWN),
    "skipped": Q(status=Status.SKIPPED) & ~Q(skip_reason=AutomatedMessage.SkipReason.LEFT),
    "left": _LEFT,
}


def stats(sequence: Sequence) -> dict[str, Any]:
    """``{"enrolled", "active", "completed", "exited": {reason: count}, "steps": [...]}``, each step with
    ``template_id``, ``order_index``, ``message_type``, ``subject``, ``is_removed`` and what ``COUNTED``
    names. Steps that were removed are told of while somebody waits for them. Three queries.
    """
    steps = EmailTemplate.objects.filter(sequence=sequence)
    messages = AutomatedMessage.objects.filter(template__sequence=sequence).order_by().values("template_id")
    counted: Any = messages.annotate(**{name: Count("pk", filter=rule) for name, rule in COUNTED.items()})
    counts: dict[UUID, dict[str, int]] = {row.pop("template_id"): row for row in counted}
    return {**_people(sequence), "steps": [row for step in steps if (row := _row(step, counts))]}


def _row(step: EmailTemplate, counts: dict[UUID, dict[str, int]]) -> dict[str, Any] | None:
    counted = counts.get(step.pk) or dict.fromkeys(COUNTED, 0)
    if step.archived_at is not None and not counted["waiting"]:
        return None
    return {
        "template_id": step.pk,
        "order_index": step.order_index,
        "message_type": step.message_type,
        "subject": step.subject,
        "is_removed": step.archived_at is not None,
        **counted,
    }


def _people(sequence: Sequence) -> dict[str, Any]:
    rows = (
        Enrolment.objects.filter(sequence=sequence)
        .order_by()
        .values_list("status", "exit_reason")
        .annotate(count=Count("pk"))
    )
    counted: dict[str, Any] = {"enrolled": 0, "active": 0, "completed": 0, "exited": {}}
    for status, reason, count in rows:
        counted["enrolled"] += count
        if status == Enrolment.Status.EXITED:
            counted["exited"][reason] = count
        else:
            counted[status] += count
    return counted
