"""What came with people by an import that was to start sequences: an undo takes it along."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from automation.models import AutomatedMessage, Enrolment
from members.importing.companions import companions

from .triggers import MEMBER_IMPORT


@companions(Enrolment)
def enrolments_by_import(ids: Collection[UUID], import_id: UUID) -> set[UUID]:
    found = Enrolment.objects.filter(member__in=list(ids), origin_kind=MEMBER_IMPORT, origin_id=import_id)
    return set(found.values_list("pk", flat=True))


@companions(AutomatedMessage)
def messages_by_import(ids: Collection[UUID], import_id: UUID) -> set[UUID]:
    """Also what was sent: that somebody is in the list by mistake does not become right by a greeting."""
    found = AutomatedMessage.objects.filter(
        recipient__in=list(ids), enrolment__origin_kind=MEMBER_IMPORT, enrolment__origin_id=import_id
    )
    return set(found.values_list("pk", flat=True))
