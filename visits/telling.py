"""What is said to both sides of a visit: mail to whoever is visited, notifications to the pastor.

Notifications hold times and ids, and no name: a notice outlives an erasure. Mail is in the church's
language, its times are those where whoever is visited lives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from notifications.domain import notify
from notifications.kinds import Kind, register
from notifications.mail import mail_soon
from tenants.context import current_church

from .models import Visit

BOOKED, MOVED, CANCELLED, TODAY = "visits.booked", "visits.moved", "visits.cancelled", "visits.today"


def zone_of_visited(visit: Visit) -> ZoneInfo:
    """The time zone of whoever is visited."""
    return ZoneInfo(visit.timezone or current_church().timezone)


def time_text(at: datetime, zone: ZoneInfo) -> str:
    """A time for a mail: in the church's language, with the zone's short name where it is another's."""
    church = current_church()
    local = at.astimezone(zone)
    with translation.override(church.language):
        text = ", ".join(date_format(local, part) for part in ("l", "DATE_FORMAT", "TIME_FORMAT"))
    return text if zone.key == church.timezone else f"{text} ({local.tzname()})"


def tell_booked(visit: Visit, *, by: User | None) -> None:
    """The pastor learns of a visit that somebody else planned for them."""
    if visit.scheduled_datetime > timezone.now():
        _tell_pastor(BOOKED, visit, visit.assigned_pastor, by=by)


def tell_changed(visit: Visit, before: Mapping[str, Any], *, by: User | None) -> None:
    """Both sides learn of another time; the pastors of before and after learn of one another's visits."""
    if visit.status != Visit.Status.SCHEDULED:
        return
    if "assigned_pastor" in before:
        _tell_pastor(CANCELLED, visit, before["assigned_pastor"], by=by)
        tell_booked(visit, by=by)
    elif "status" in before:
        tell_booked(visit, by=by)
    if "scheduled_datetime" in before:
        tell_moved(visit, before["scheduled_datetime"], by=by)


def tell_moved(visit: Visit, before: datetime, *, by: User | None) -> None:
    """Both sides learn that a visit was moved; nobody is written to of what lies in the past."""
    _tell_pastor(MOVED, visit, visit.assigned_pastor, by=by, before=before.isoformat())
    if visit.scheduled_datetime > timezone.now():
        _mail("visits/mail/moved.txt", visit, before=time_text(before, zone_of_visited(visit)))


def tell_cancelled(visit: Visit, *, by: User | None) -> None:
    """Both sides learn that a visit was called off."""
    _tell_pastor(CANCELLED, visit, visit.assigned_pastor, by=by)
    if visit.scheduled_datetime > timezone.now():
        _mail("visits/mail/cancelled.txt", visit)


def remind_visited(visit: Visit) -> None:
    """The mail of the day before."""
    _mail("visits/mail/reminder.txt", visit)


def remind_pastor(pastor: User, visits: Sequence[Visit], zone: ZoneInfo) -> None:
    """One word in the morning, for all visits of the day."""
    day = visits[0].scheduled_datetime.astimezone(zone).date().isoformat()
    url = f"{reverse('admin:visits_calendar')}?view=agenda&day={day}&pastor={pastor.pk}"
    notify(kind=TODAY, users=[pastor], data={"count": len(visits), "day": day}, url=url)


def _tell_pastor(kind: str, visit: Visit, pastor: User | None, *, by: User | None, **more: str) -> None:
    if pastor is None or (by is not None and by.pk == pastor.pk):
        return
    notify(
        kind=kind,
        users=[pastor],
        data={"visit": str(visit.pk), "at": visit.scheduled_datetime.isoformat(), **more},
        url=reverse("admin:visits_visit_change", args=[visit.pk]),
    )


def _mail(template: str, visit: Visit, **more: str) -> None:
    pastor = visit.assigned_pastor
    mail_soon(
        to=visit.email,
        template=template,
        values={
            "name": visit.who,
            "when": time_text(visit.scheduled_datetime, zone_of_visited(visit)),
            "location": visit.location,
            "pastor": str(pastor) if pastor else "",
            **more,
        },
        reply_to=pastor.email if pastor else "",
    )


def _local(data: Mapping[str, Any], name: str = "at") -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(data[name])), "SHORT_DATETIME_FORMAT")


def _booked_text(data: dict[str, Any]) -> str:
    return _("A visit was planned for you: %(when)s.") % {"when": _local(data)}


def _moved_text(data: dict[str, Any]) -> str:
    return _("A visit of %(before)s was moved to %(when)s.") % {
        "before": _local(data, "before"),
        "when": _local(data),
    }


def _cancelled_text(data: dict[str, Any]) -> str:
    return _("The visit of %(when)s does not take place.") % {"when": _local(data)}


def _today_text(data: dict[str, Any]) -> str:
    count = data["count"]
    return ngettext("You have %(count)d visit today.", "You have %(count)d visits today.", count) % {
        "count": count
    }


def name_kinds() -> None:
    """Tells the notifications what there is to be told; called once when the program starts."""
    kinds = [
        (BOOKED, gettext_lazy("A visit was planned for me"), _booked_text),
        (MOVED, gettext_lazy("A visit of mine was moved"), _moved_text),
        (CANCELLED, gettext_lazy("A visit of mine was cancelled"), _cancelled_text),
        (TODAY, gettext_lazy("My visits of the day"), _today_text),
    ]
    for name, title, text in kinds:
        register(Kind(name, title, text, permission="visits:read"))
