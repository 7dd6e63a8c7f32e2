"""People who were deleted and can be made again."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from core.models import HistoryEntry
from members.models import Member, MemberMerge

PERSON = Member._meta.label_lower
# What the entry about an erasure tells of; see members.personal_data.
ERASURE = "erasure"
# What the entry about a merge tells of the person who stays: whom they were merged with.
MERGED = "merged_with"


def deleted_people() -> QuerySet[HistoryEntry]:
    """The entry about the last deletion of each person who is not there, the newest first.

    Without those who were erased, and without those who live on in somebody else by a merge.
    """
    deletions: QuerySet[HistoryEntry] = HistoryEntry.objects.filter(
        kind=PERSON, action=HistoryEntry.Action.DELETE
    )
    about_same = HistoryEntry.objects.filter(about=OuterRef("object_pk"), kind=PERSON)
    later = about_same.filter(action=HistoryEntry.Action.DELETE, timestamp__gt=OuterRef("timestamp"))
    return deletions.filter(
        ~Exists(Member.everybody.filter(pk=OuterRef("object_pk"))),
        ~Exists(MemberMerge.objects.filter(absorbed_id=OuterRef("object_pk"), undone_at=None)),
        ~Exists(about_same.filter(changes__has_key=ERASURE)),
        ~Exists(later),
    )


def deletion_of(member_id: UUID) -> HistoryEntry | None:
    """The entry from which the person can be made again; None when there is none."""
    return deleted_people().filter(about=member_id).first()


def was_deleted(member_id: UUID) -> bool:
    """Whether there was such a person: deleted or gone into another, and not erased."""
    about = HistoryEntry.objects.filter(about=member_id, kind=PERSON)
    return (
        about.filter(action=HistoryEntry.Action.DELETE).exists()
        and not about.filter(changes__has_key=ERASURE).exists()
    )
