"""Which messages to many there are for whom, and how far each is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from automation.models import AutomatedMessage, BulkMail
from members.custom_fields.values import PREFIX
from members.rules.rule import hidden_keys

Status = AutomatedMessage.Status


@dataclass
class Progress:
    """Numbers of messages. ``left_out`` is by reason."""

    waiting: int = 0
    sent: int = 0
    failed: int = 0
    unknown: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        return self.sent + self.failed + self.unknown

    @property
    def left_out_total(self) -> int:
        return sum(self.left_out.values())


def mails_for(user: Any) -> QuerySet[BulkMail]:
    """All but those whose rule asks for a field that the user does not see: who is meant would tell what it
    holds. One query now, for the fields.
    """
    hidden = Q(pk__in=[])
    for key in hidden_keys(user):
        hidden |= Q(rule__contains={"conditions": [{"field": f"{PREFIX}{key}"}]})
    # A mail to everybody has no rule: of a NULL nothing is known, and that is not excluded.
    shown = Q(rule__isnull=True) | ~hidden
    return BulkMail.objects.filter(shown).select_related("created_by")


def progress_of(mails: Collection[BulkMail]) -> dict[UUID, Progress]:
    """How far each is, in one query."""
    found: defaultdict[UUID, Progress] = defaultdict(Progress)
    rows = (
        AutomatedMessage.objects.filter(bulk_mail__in=[mail.pk for mail in mails])
        .order_by()
        .values_list("bulk_mail_id", "status", "skip_reason")
        .annotate(number=Count("pk"))
    )
    for mail_id, status, reason, number in rows if mails else ():
        progress = found[mail_id]
        match status:
            case Status.SENT:
                progress.sent += number
            case Status.FAILED:
                progress.failed += number
            case Status.UNKNOWN:
                progress.unknown += number
            case Status.SKIPPED:
                progress.left_out[reason] = progress.left_out.get(reason, 0) + number
            case _:
                progress.waiting += number
    return {mail.pk: found[mail.pk] for mail in mails}
