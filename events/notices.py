"""What users are told of events."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.kinds import Kind, register

from .registrations.places import FULL


def _full(data: dict[str, Any]) -> str:
    return _("“%(title)s” is full: all %(places)d places are taken.") % data


def name_kinds() -> None:
    """Called once when the program starts."""
    register(Kind(FULL, gettext_lazy("An event is full"), _full, permission="events:write"))
