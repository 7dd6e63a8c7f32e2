"""What other rooms see of visits: in the care for a person, and behind what led to a visit."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from members.care import Link, Moment, linking, source
from members.models import Member

from .domain import VISIT
from .models import Visit
from .values import visit_type_name


def visit_url(visit: Visit) -> str:
    """The page of a visit."""
    return reverse("admin:visits_visit_change", args=[visit.pk])


def title_of(visit: Visit) -> str:
    """What kind of visit, and what became of it."""
    return f"{visit_type_name(visit.visit_type)} ({visit.get_status_display()})"


@source("visits", gettext_lazy("Visits"), permission="visits:read")
def visits_of(user: User, member: Member, before: datetime, count: int) -> Sequence[Moment]:
    """A person's visits. Of a report no more than that there is one, for who may read it."""
    visits = Visit.objects.seen_by(user).filter(member=member, scheduled_datetime__lt=before)
    visits = visits.exclude(status=Visit.Status.RESCHEDULED)
    if not user.has_permission("members:confidential"):
        visits = visits.select_related("assigned_pastor")
    else:
        visits = visits.select_related("assigned_pastor", "report").defer("report__body")
    return [
        Moment(
            at=visit.scheduled_datetime,
            key=str(visit.pk),
            title=title_of(visit),
            text=_text_of(visit, user),
            url=visit_url(visit),
            icon="home_health",
        )
        for visit in visits.order_by("-scheduled_datetime", "-id")[:count]
    ]


def _text_of(visit: Visit, user: User) -> str:
    parts = [str(visit.assigned_pastor or ""), visit.location, visit.notes]
    if user.has_permission("members:confidential") and hasattr(visit, "report"):
        parts.append(_("There is a care report."))
    return "\n".join(part for part in parts if part)


@linking
def visits_that_came_from(user: User, kind: str, identifier: uuid.UUID) -> Sequence[Link]:
    """Visits that came from a row of another room, or from another visit."""
    came_from = Q(origin_kind=kind, origin_id=identifier)
    visits = Visit.objects.seen_by(user).filter(came_from).exclude(status=Visit.Status.RESCHEDULED)
    return [
        Link(at=visit.scheduled_datetime, title=title_of(visit), url=visit_url(visit)) for visit in visits
    ]


@linking
def visit_by_its_id(user: User, kind: str, identifier: uuid.UUID) -> Sequence[Link]:
    """The visit that something else came from."""
    if kind != VISIT:
        return []
    visits = Visit.objects.seen_by(user).filter(pk=identifier)
    return [
        Link(at=visit.scheduled_datetime, title=title_of(visit), url=visit_url(visit)) for visit in visits
    ]
