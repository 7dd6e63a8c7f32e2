"""The doors to when a pastor visits, and to the secret address of their calendar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.link_secrets import digest_of, new_secret
from tenants.context import current_church
from tenants.models import known_timezones

from .hours import WorkingHours, checked_free_days, checked_hours
from .models import PastorCalendar

MOST_BUFFER_MINUTES = 240
NEEDED = "visits:write"


def zone_of(calendar: PastorCalendar | None) -> ZoneInfo:
    """The pastor's time zone; the church's where they have said none."""
    return ZoneInfo((calendar.timezone if calendar else "") or current_church().timezone)


def working_hours(calendar: PastorCalendar) -> WorkingHours:
    """The calendar's hours, ready to be asked."""
    return WorkingHours(zone_of(calendar), calendar.hours, calendar.free_days)


def calendar_of(user: User) -> PastorCalendar:
    """The user's calendar, made where there is none yet."""
    return PastorCalendar.objects.get_or_create(user=user)[0]


def calendar_to_read(user: User) -> PastorCalendar:
    """The user's calendar; where there is none yet, one that says nothing, not saved."""
    # No visit has the number 0.
    return PastorCalendar.objects.filter(user=user).first() or PastorCalendar(user=user, number=0)


def locked_calendar_of(user: User) -> PastorCalendar:
    """The user's calendar, locked: nobody else books this pastor until the transaction ends."""
    calendar_of(user)
    return PastorCalendar.objects.select_for_update().get(user=user)


def checked_zone(name: Any, field: str = "timezone") -> str:
    """The name of an IANA time zone, or an empty text. Raises ValidationError."""
    text = str(name or "").strip()
    if text and text not in known_timezones():
        raise ValidationError({field: _("There is no such time zone. Write it like America/Chicago.")})
    return text


@transaction.atomic
def change_calendar(*, user: User, **values: Any) -> PastorCalendar:
    """Changes what is given of ``CHECKS`` in the user's own calendar.

    Visits that are planned already stay, with the minutes between visits that they were planned with.
    Raises ValidationError by field, PermissionDenied.
    """
    _demand(user)
    if unknown := values.keys() - CHECKS.keys():
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    calendar = locked_calendar_of(user)
    for name, value in values.items():
        setattr(calendar, name, CHECKS[name](value))
    calendar.save()
    return calendar


def _checked_minutes(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_BUFFER_MINUTES:
        text = _("A whole number from 0 to %(most)d.") % {"most": MOST_BUFFER_MINUTES}
        raise ValidationError({"buffer_minutes": text})
    return value


# Field -> what gives its stored form. Each raises ValidationError.
CHECKS: dict[str, Callable[[Any], Any]] = {
    "hours": checked_hours,
    "free_days": checked_free_days,
    "timezone": checked_zone,
    "buffer_minutes": _checked_minutes,
    "shows_initials": bool,
}


@transaction.atomic
def make_feed_link(*, user: User) -> str:
    """A new secret for the address of the user's calendar, shown this once; an earlier one ends.

    Raises PermissionDenied.
    """
    _demand(user)
    calendar = locked_calendar_of(user)
    secret = new_secret()
    calendar.feed_digest = digest_of(secret)
    calendar.save(update_fields=["feed_digest"])
    return secret


@transaction.atomic
def revoke_feed_link(*, user: User) -> None:
    """Ends the secret address of the user's calendar."""
    calendar = locked_calendar_of(user)
    calendar.feed_digest = ""
    calendar.save(update_fields=["feed_digest"])


def calendar_of_secret(secret: str) -> PastorCalendar | None:
    """The calendar that the secret opens, if its pastor may see visits; None for any other."""
    found = PastorCalendar.objects.select_related("user").filter(feed_digest=digest_of(secret)).first()
    return found if found is not None and found.user.has_permission("visits:read") else None


def _demand(user: User) -> None:
    if not user.has_permission(NEEDED):
        raise PermissionDenied
