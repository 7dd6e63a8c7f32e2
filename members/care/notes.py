"""Notes in the care timeline: plain ones with their text, confidential ones without."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_lazy

from accounts.models import User
from members.confidential.visibility import listed_notes
from members.models import Member

from .timeline import Moment, source

WORDS_SHOWN = 60


@source("notes", gettext_lazy("Notes"), permission="members:write")
def notes_of(user: User, member: Member, before: datetime, count: int) -> Sequence[Moment]:
    """The notes that exist for ``user``; a confidential one says no more than that it is there, because
    reading it is written down.
    """
    notes = listed_notes(user, member.pk).filter(created_at__lt=before)[:count]
    return [
        Moment(
            at=note.created_at,
            key=f"note-{note.pk}",
            title=gettext("Confidential note") if note.is_confidential else gettext("Note"),
            text=Truncator(getattr(note, "plain_body", None) or "").words(WORDS_SHOWN),
            tab="notes",
            who=str(note.author or ""),
            icon="lock" if note.is_confidential else "edit_note",
        )
        for note in notes
    ]
