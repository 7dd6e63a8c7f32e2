"""The hours in which a church sends nobody anything."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from automation.timing import QuietHours
from tenants.models import Church

SETTING = "quiet_hours"
STANDARD = {"start": "21:00", "end": "08:00"}


def quiet_hours_of(church: Church) -> QuietHours | None:
    """The church's quiet hours; None where it has none. A church that said nothing has 21 to 8 o'clock."""
    stated = church.settings.get(SETTING, STANDARD)
    return None if stated is None else QuietHours(*(time.fromisoformat(stated[key]) for key in STANDARD))


def validate_quiet_hours(value: Any) -> None:
    """Raises ValidationError unless ``value`` is None or ``{"start": "HH:MM", "end": "HH:MM"}``."""
    if value is None:
        return
    if not isinstance(value, dict) or value.keys() != STANDARD.keys():
        raise ValidationError(_("Give start and end, or nothing for no quiet hours."))
    if not all(_is_clock(text) for text in value.values()):
        raise ValidationError(_("Write a time as HH:MM."))
    if value["start"] == value["end"]:
        raise ValidationError(_("Start and end must differ."))


def _is_clock(text: Any) -> bool:
    if not isinstance(text, str) or len(text) != len("HH:MM"):
        return False
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return True
