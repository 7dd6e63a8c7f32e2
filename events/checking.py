"""The values of an event in the form in which they are stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from files.models import StoredFile
from members.confidential.domain import normalized_text as paragraphs
from members.values import normalized_text
from tenants.models import validate_timezone

from .models import Event
from .recurrence import FIRST_YEAR, LAST_YEAR, series_of

LINES = ("title", "event_type", "location")
TIMES = ("start_datetime", "end_datetime")
CHOICES = ("visibility", "status")
MOST_PLACES = 1_000_000
MOST_REMINDER_HOURS = 30 * 24
LONGEST_DAYS = 366
EDITABLE = frozenset(
    {
        *LINES, *TIMES, *CHOICES, "description", "timezone", "max_attendees", "registration_required",
        "recurrence", "reminder_hours", "flyer",
    }
)  # fmt: skip


def checked(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` by field, each by itself. Raises ValidationError by field."""
    clean: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, value in values.items():
        try:
            if name not in EDITABLE:
                raise ValidationError(_("There is no such field."))
            clean[name] = _checked(name, value)
        except ValidationError as error:
            errors[name] = error.messages
    if errors:
        raise ValidationError(errors)
    return clean


def _checked(name: str, value: Any) -> Any:
    if name in LINES:
        return normalized_text(Event._meta.get_field(name), value)
    if name in TIMES:
        return _time(value)
    if name in CHOICES:
        return _choice(name, value)
    others: dict[str, Callable[[Any], Any]] = {
        "description": paragraphs,
        "timezone": _zone,
        "max_attendees": lambda number: _number(number, 0, MOST_PLACES),
        "reminder_hours": lambda number: _number(number, 1, MOST_REMINDER_HOURS),
        "registration_required": bool,
        "recurrence": lambda text: str(text or "").strip(),
        "flyer": _flyer,
    }
    return others[name](value)


def _time(value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValidationError(_("Give a time with its offset."))
    try:
        instant = value.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        instant = datetime.max.replace(tzinfo=UTC)
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        raise ValidationError(
            _("Give a time between %(first)d and %(last)d.")
            % {"first": FIRST_YEAR + 1, "last": LAST_YEAR - 1}
        )
    return instant


def _choice(name: str, value: Any) -> str:
    field: Any = Event._meta.get_field(name)
    if value not in {key for key, _label in field.flatchoices}:
        raise ValidationError(_("“%(value)s” is none of the choices.") % {"value": value})
    return str(value)


def _zone(value: Any) -> str:
    validate_timezone(str(value))
    return str(value)


def _number(value: Any, least: int, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValidationError(
            _("This must be a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}
        )
    return value


def _flyer(value: Any) -> StoredFile | None:
    if value is None:
        return None
    if not isinstance(value, StoredFile) or value.purpose != StoredFile.Purpose.EVENT_FLYER:
        raise ValidationError(_("This file was not uploaded as a flyer."))
    return value


def settle(event: Event) -> None:
    """Makes the columns of an event fit one another and derives what is derived. Raises ValidationError by
    field: an end that is not after the start, a rule that cannot be read or does not fit the first date.
    """
    check_span(event.start_datetime, event.end_datetime)
    try:
        series = series_of(start=event.start_datetime, zone=event.timezone, recurrence=event.recurrence)
    except ValidationError as error:
        raise ValidationError({"recurrence": error.messages}) from error
    duration = event.duration
    event.start_datetime, event.end_datetime = series.start, series.start + duration
    event.recurrence = series.rule.text() if series.rule else ""
    last = series.last()
    event.last_end = last + duration if last else None


def check_span(start: datetime, end: datetime) -> None:
    """Raises ValidationError unless the end comes after the start, within a year."""
    if end <= start:
        raise ValidationError({"end_datetime": _("The end must be after the start.")})
    if (end - start).days > LONGEST_DAYS:
        raise ValidationError({"end_datetime": _("An event lasts a year at most.")})
