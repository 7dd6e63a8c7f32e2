"""Which notes somebody sees. Lists, pages and counts all ask here."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Case, F, QuerySet, Value, When

from core.fields import EncryptedTextField
from members.models import MemberNote

from .domain import CONFIDENTIAL


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
