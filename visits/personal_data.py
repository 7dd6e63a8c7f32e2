"""What this room knows of a person, and what an erasure does with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.history import wipe
from core.models import HistoryEntry
from members.models import Member
from members.personal_data.erasing import FIRST_NAME, LAST_NAME
from members.personal_data.registry import Erasure, Fate, Row, on_erasure, section

from .models import Visit, VisitReport

# Of calendars and of the work with them, not of the person.
NOT_TOLD = {"occupied", "remind_at", "remind_pastor_at", "sequence", "calendar_uid"}


@section(
    "visits",
    _("Visits"),
    models=[Visit, VisitReport],
    labels={"created_at": _("planned"), "updated_at": _("last changed"), "report": _("care report")},
)
def visits(member: Member) -> Iterable[Row]:
    found = member.visits.select_related("assigned_pastor", "created_by", "report")
    for visit in found.order_by("scheduled_datetime", "id"):
        row: dict[str, Any] = {
            field.attname: getattr(visit, field.attname)
            for field in Visit._meta.concrete_fields
            if field.name not in NOT_TOLD
        }
        row |= {
            "assigned_pastor_id": str(visit.assigned_pastor or ""),
            "created_by_id": str(visit.created_by or ""),
            "report": visit.report.body if hasattr(visit, "report") else "",
        }
        yield row


def _of_person(erasure: Erasure) -> Q:
    """Their visits, and those of somebody with their address or both names who was not found in the list."""
    theirs = Q(member__in=erasure.member_ids)
    for email in erasure.emails:
        theirs |= Q(member=None, visitor_email__iexact=email)
    for first, last in erasure.names:
        theirs |= Q(member=None, visitor_name__iexact=f"{first} {last}")
    return theirs


def delete_reports(erasure: Erasure) -> None:
    ids = list(Visit.objects.filter(_of_person(erasure)).values_list("pk", flat=True))
    VisitReport.objects.filter(visit__in=ids).delete()


def wipe_visits(erasure: Erasure) -> None:
    """That there was a visit stays, for the church's and the pastor's totals; what is still planned is
    called off.
    """
    found = Visit.objects.filter(_of_person(erasure)).values_list("pk", flat=True)
    ids = list(found.select_for_update(of=("self",)))
    visits = Visit.objects.filter(pk__in=ids)
    wipe(HistoryEntry.objects.filter(Q(object_pk__in=ids) | Q(about__in=ids)))
    visits.filter(status=Visit.Status.SCHEDULED).update(
        status=Visit.Status.CANCELLED, occupied=None, remind_at=None, remind_pastor_at=None
    )
    visits.filter(member=None).update(visitor_name=f"{FIRST_NAME} {LAST_NAME}")
    visits.exclude(member=None).update(visitor_name="")
    visits.update(visitor_email="", visitor_phone="", location="", notes="", timezone="", follow_up_on=None)


def declare() -> None:
    """Called once when the program starts."""
    # First, while the visits still say whose they are.
    on_erasure(VisitReport, Fate.DELETED, delete_reports)
    on_erasure(Visit, Fate.WIPED, wipe_visits)
