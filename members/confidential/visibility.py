"""Which notes somebody sees. Lists, pages and counts all ask here."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When

from core.fields import EncryptedTextField
from members.models import MemberNote

from .domain import CONFIDENTIAL

NOTES, DETAILS = "members.membernote", "members.confidentialdetails"


def notes_for(user: Any) -> QuerySet[MemberNote]:
    """The notes that exist for ``user``: none without ``members:write``, the confidential ones only with
    ``members:confidential``.
    """
    if not user.has_permission("members:write"):
        return MemberNote.objects.none()
    notes = MemberNote.objects.all()
    return notes if user.has_permission(CONFIDENTIAL) else notes.filter(is_confidential=False)


def listed_notes(user: Any, member_id: uuid.UUID) -> QuerySet[MemberNote]:
    """The notes about a person that exist for ``user``, the newest first.

    ``plain_body`` is the text of a plain one and None for a confidential one, whose text does not leave
    the database here: reading it is ``domain.read_confidential_note``.
    """
    plain_body: Case = Case(
        When(is_confidential=False, then=F("body")), default=Value(None), output_field=EncryptedTextField()
    )
    notes = notes_for(user).filter(member_id=member_id).select_related("author")
    return notes.defer("body").annotate(plain_body=plain_body)


def hidden_history(user: Any) -> Q:
    """Which entries of the history (``core.models.HistoryEntry``) do not exist for ``user``.

    Nothing of a text ever stands there, but that there is a confidential note is told to nobody else
    either; of a note that is gone nobody knows any more which it was, so it stays untold too.
    """
    if user.has_permission(CONFIDENTIAL):
        return Q(pk__in=[])
    return Q(kind=DETAILS) | (Q(kind=NOTES) & ~Q(object_pk__in=notes_for(user).values("pk")))
