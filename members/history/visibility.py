"""Who may read what of a person's history.

It is for those with ``members:write``; of people who were deleted, for those with ``members:delete``.
What is confidential is there for those with ``members:confidential`` alone, and fields of the church's
own only for the roles that see them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from core.history_reading import Reader
from core.models import HistoryEntry
from members.custom_fields.visibility import all_fields, is_visible
from members.models import ConfidentialDetails, Member, MemberNote

from .deleted import was_deleted

CONFIDENTIAL = "members:confidential"
NOTE = MemberNote._meta.label_lower
DETAILS = ConfidentialDetails._meta.label_lower


def may_read_history_of(user: Any, member_id: UUID) -> bool:
    """Whether there is such a person, or was one whose history ``user`` may read."""
    if Member.objects.filter(pk=member_id).exists():
        return True
    return user.has_permission("members:delete") and was_deleted(member_id)


def entries_for(user: Any, member_id: UUID) -> QuerySet[HistoryEntry]:
    """The entries about a person that ``user`` may read, the newest first."""
    entries: QuerySet[HistoryEntry] = HistoryEntry.objects.filter(about=member_id)
    if user.has_permission(CONFIDENTIAL):
        return entries
    # An entry about a new text does not say whether the note is confidential; another about it does.
    ever = entries.filter(kind=NOTE, changes__is_confidential__contains=True).values("object_pk")
    now = MemberNote.objects.filter(member=member_id, is_confidential=True).values("pk")
    confidential = Q(object_pk__in=ever) | Q(object_pk__in=now)
    return entries.exclude(kind=DETAILS).exclude(confidential, kind=NOTE)


def hidden_fields(user: Any) -> frozenset[str]:
    """Fields of the church's own that ``user`` does not see, as parts: ``custom_fields.shoe_size``.

    An archived one is shown to nobody.
    """
    return frozenset(
        f"custom_fields.{field.key}"
        for field in all_fields()
        if field.archived or not is_visible(field, user.role)
    )


def reader_for(user: Any) -> Reader:
    """Reads entries as ``user`` may see them."""
    return Reader(hidden=hidden_fields(user))
