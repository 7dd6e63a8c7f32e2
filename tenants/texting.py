"""Which church an answer by text message is for: churches may share one number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from .context import current_church, outside_churches
from .models import Church, TextedNumber


@dataclass(frozen=True)
class Texted:
    """A church that texted a number, and its last message to it."""

    church: Church
    message_id: UUID
    at: datetime


def note_texted(*, sender: str, number_digest: str, message_id: UUID) -> None:
    """Notes that the church that was entered texts a number now, from ``sender``."""
    TextedNumber.objects.bulk_create(
        [
            TextedNumber(
                sender=sender,
                number_digest=number_digest,
                church=current_church(),
                message_id=message_id,
                texted_at=timezone.now(),
            )
        ],
        update_conflicts=True,
        unique_fields=["sender", "number_digest", "church"],
        update_fields=["message_id", "texted_at"],
    )


def who_texted(*, sender: str, number_digest: str) -> list[Texted]:
    """The churches that texted a number from ``sender``, the last one first, suspended ones too."""
    with outside_churches():
        rows = TextedNumber.objects.filter(sender=sender, number_digest=number_digest)
        found = rows.select_related("church").order_by("-texted_at", "pk")
        return [Texted(row.church, row.message_id, row.texted_at) for row in found]
