"""The form in which the values of a visit are kept."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from members.confidential.domain import normalized_text as normalized_paragraphs
from members.models import Member
from members.phone import normalized_phone
from members.values import normalized_text, one_line
from tenants.context import current_church

from .calendars import NEEDED, checked_zone
from .models import Visit

SHORTEST, LONGEST = 5, 480
# Times outside are slips of the hand, and the arithmetic around them would leave what a time can be.
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)
KIND = re.compile(r"[a-z][a-z_]{0,39}")
# What is offered; a church may write others.
VISIT_TYPES = {
    "pastoral": gettext_lazy("Pastoral visit"),
    "home": gettext_lazy("Visit at home"),
    "hospital": gettext_lazy("Visit in hospital"),
    "coffee": gettext_lazy("Coffee"),
}


def visit_type_name(value: str) -> str:
    """The kind of visit in the language of the page; one that the church made up itself, as it is."""
    return str(VISIT_TYPES.get(value) or value)


def checked_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` as they are stored. Raises ValidationError by field; looks only at what is given."""
    errors: dict[str, Any] = {}
    clean: dict[str, Any] = {}
    for name, value in values.items():
        check = CHECKS.get(name)
        if check is None:
            errors[name] = _("There is no such field.")
            continue
        try:
            clean[name] = check(name, value)
        except ValidationError as error:
            errors |= error.error_dict if hasattr(error, "error_dict") else {name: error.messages}
    if errors:
        raise ValidationError(errors)
    return clean


def _text(name: str, value: Any) -> str:
    return normalized_text(Visit._meta.get_field(name), value)


def _email(name: str, value: Any) -> str:
    text = _text(name, value)
    if text:
        validate_email(text)
    return text


def _phone(name: str, value: Any) -> str:
    return normalized_phone(one_line(value), current_church().country)


def _kind_of_visit(name: str, value: Any) -> str:
    text = _text(name, value)
    return text.lower() if text.lower() in VISIT_TYPES else text


def _when(name: str, value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValidationError(_("This is required."))
    if not EARLIEST <= value <= LATEST:
        raise ValidationError(_("Nobody is visited at that time."))
    return value.astimezone(UTC)


def _minutes(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not SHORTEST <= value <= LONGEST:
        raise ValidationError(
            _("A visit takes %(least)d to %(most)d minutes.") % {"least": SHORTEST, "most": LONGEST}
        )
    return value


def _notes(name: str, value: Any) -> str:
    return normalized_paragraphs(value)


def _pastor(name: str, value: Any) -> User | None:
    if value is not None and not (isinstance(value, User) and value.has_permission(NEEDED)):
        raise ValidationError(_("This user makes no visits."))
    return value


def _person(name: str, value: Any) -> Member | None:
    if value is not None and not isinstance(value, Member):
        raise ValidationError(_("There is no such entry."))
    return value


def _day(name: str, value: Any) -> date | None:
    if value is not None and not isinstance(value, date):
        raise ValidationError(_("Write a date as YYYY-MM-DD."))
    return value


def _zone(name: str, value: Any) -> str:
    return checked_zone(value, name)


def _origin_kind(name: str, value: Any) -> str:
    text = str(value or "")
    if text and not KIND.fullmatch(text):
        raise ValidationError(_("Small letters and underscores, 40 at most."))
    return text


def _origin_id(name: str, value: Any) -> uuid.UUID | None:
    if value is not None and not isinstance(value, uuid.UUID):
        raise ValidationError(_("This must be a UUID."))
    return value


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "member": _person,
    "visitor_name": _text,
    "visitor_email": _email,
    "visitor_phone": _phone,
    "visit_type": _kind_of_visit,
    "scheduled_datetime": _when,
    "duration_minutes": _minutes,
    "location": _text,
    "notes": _notes,
    "assigned_pastor": _pastor,
    "follow_up_on": _day,
    "timezone": _zone,
    "origin_kind": _origin_kind,
    "origin_id": _origin_id,
}


def demand_whole(visit: Visit) -> None:
    """Raises ValidationError unless the visit says whom, and names what it came from whole or not at all."""
    errors = {}
    if visit.member_id is None and not visit.visitor_name:
        errors["visitor_name"] = _("Choose a person, or write the name of whoever is visited.")
    if bool(visit.origin_kind) != (visit.origin_id is not None):
        errors["origin_id"] = _("Kind and id belong together.")
    if errors:
        raise ValidationError(errors)
