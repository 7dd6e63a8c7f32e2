"""What this room knows of a person, and what becomes of it when they are erased."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.history import wipe
from core.models import HistoryEntry
from members.models import Member
from members.personal_data.registry import Erasure, Fate, Row, on_erasure, section

from .models import EventRegistration
from .registrations.people import refill_soon

GUEST = "Erased person"


@section(
    "events",
    _("Events"),
    models=[EventRegistration],
    labels={"title": _("event"), "occurrence_start": _("date"), "place": _("place")},
)
def registrations(member: Member) -> Iterable[Row]:
    """Also those that the person made as a guest, by the address."""
    own = Q(member=member)
    if member.email:
        own |= Q(member=None, email__iexact=member.email)
    rows: Any = EventRegistration.objects.filter(own).select_related("event").order_by("occurrence_start")
    for row in rows:
        yield {
            "title": row.event.title,
            "place": row.event.location,
            "occurrence_start": row.occurrence_start,
            "status": str(row.get_status_display()),
            "name": row.name,
            "email": row.email,
            "notes": row.notes,
            "registered_at": row.registered_at,
            "checked_in_at": row.checked_in_at,
        }


def erase_registrations(erasure: Erasure) -> None:
    """Those for dates to come go, and free their places; of those before, that somebody came stays."""
    rows = EventRegistration.objects.alias(folded=Lower("email"))
    emails = {email.lower() for email in erasure.emails if email}
    theirs = rows.filter(Q(member__in=erasure.member_ids) | Q(member=None, folded__in=emails))
    keys = list(theirs.values_list("pk", flat=True))
    known = EventRegistration.objects.filter(pk__in=keys)
    known.filter(occurrence_start__gt=timezone.now()).delete()
    known.filter(member=None).update(name=GUEST)
    known.update(email="", notes="")
    wipe(HistoryEntry.objects.filter(object_pk__in=keys))
    refill_soon()


on_erasure(EventRegistration, Fate.WIPED, erase_registrations)
