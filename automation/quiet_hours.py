"""The hours in which a church sends nobody anything."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from automation.timing import QuietHours
from tenants.context import current_church
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


class QuietHoursField(forms.CharField):
    """Both times in one text, ``21:00–08:00``; an empty one for no quiet hours. ``stated`` is what holds now,
    which the form cannot know: it takes a church that wants none for one that has said nothing.
    """

    def __init__(self, stated: dict[str, str] | None, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=40, **kwargs)
        self.stated = stated

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return "–".join(self.stated[key] for key in STANDARD) if self.stated else ""

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        times = [part.strip().zfill(len("HH:MM")) for part in re.split("[-–]", text)]
        if len(times) != len(STANDARD) or not all(map(_is_clock, times)):
            raise ValidationError(_("Write two times, as in 21:00–08:00."))
        return dict(zip(STANDARD, times, strict=True))

    def has_changed(self, initial: Any, data: Any) -> bool:
        if data is None:
            # A form that does not show it says nothing about it.
            return False
        try:
            return bool(self.clean(data) != self.stated)
        except ValidationError:
            return True


def quiet_hours_field() -> forms.Field:
    """The field on the page of settings."""
    return QuietHoursField(
        current_church().settings.get(SETTING, STANDARD),
        label=gettext_lazy("Quiet hours"),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "In these hours nobody gets messages of sequences, by the clock where they live: what falls into "
            "them comes at their end. Empty: no quiet hours."
        ),
    )
