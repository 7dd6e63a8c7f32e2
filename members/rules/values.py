"""What a condition compares with: its values in JSON, and as people write them in a form."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.api.serializers import CALENDAR_DATE
from members.custom_fields.values import Reading, plain_text, stored_value
from members.importing.dates import read_date
from members.models import CustomField
from tenants.context import current_church

LONGEST_TEXT = 200
MOST_TEXTS = 50
FIRST_YEAR, LAST_YEAR = 1900, 2999
SEPARATOR = re.compile(r"[,;\n]")


class Nothing:
    """An operator that says it all: “is missing”."""

    def clean(self, value: Any) -> Any:
        """``value`` of a rule in the form in which it is kept. Raises ValidationError."""
        if value is not None:
            raise ValidationError(_("There is nothing to compare with here."))

    def from_text(self, text: str) -> Any:
        """What somebody typed, as ``clean`` takes it. Raises ValidationError."""
        return None

    def to_text(self, value: Any) -> str:
        """A kept value as somebody would type it."""
        return ""


class Text(Nothing):
    def clean(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(_("This must be text."))
        text = " ".join(value.split())
        if not text or len(text) > LONGEST_TEXT or "\x00" in text:
            raise ValidationError(_("Give a text of 1 to %(most)d characters.") % {"most": LONGEST_TEXT})
        return text

    def from_text(self, text: str) -> Any:
        return text

    def to_text(self, value: Any) -> str:
        return str(value)


class Digits(Text):
    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not re.search(r"[0-9]", text):
            raise ValidationError(_("Give some digits of the number."))
        return text


class Texts(Text):
    """Several texts; typed, they are parted by commas."""

    def clean(self, value: Any) -> Any:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_TEXTS:
            raise ValidationError(_("Give a list of 1 to %(most)d texts.") % {"most": MOST_TEXTS})
        return list(dict.fromkeys(super(Texts, self).clean(each) for each in value))

    def from_text(self, text: str) -> Any:
        return [part for part in SEPARATOR.split(text) if part.strip()]

    def to_text(self, value: Any) -> str:
        return ", ".join(value)


@dataclass(frozen=True)
class Whole(Nothing):
    least: int
    most: int

    def clean(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            text = _("Give a whole number from %(least)d to %(most)d.")
            raise ValidationError(text % {"least": self.least, "most": self.most})
        return value

    def from_text(self, text: str) -> Any:
        return int(text) if re.fullmatch(r"\s*[0-9]{1,6}\s*", text) else text

    def to_text(self, value: Any) -> str:
        return str(value)


class Day(Nothing):
    def clean(self, value: Any) -> str:
        if not isinstance(value, str) or not CALENDAR_DATE.fullmatch(value):
            raise ValidationError(_("Write a date as YYYY-MM-DD."))
        try:
            day = datetime.date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(_("Write a date as YYYY-MM-DD.")) from error
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            text = _("Give a year from %(first)d to %(last)d.")
            raise ValidationError(text % {"first": FIRST_YEAR, "last": LAST_YEAR})
        return value

    def from_text(self, text: str) -> Any:
        return read_date(text.strip(), current_church().country)

    def to_text(self, value: Any) -> str:
        return str(value)


class YesNo(Nothing):
    def clean(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(_("This must be true or false."))
        return value

    def from_text(self, text: str) -> Any:
        return stored_value(CustomField(kind=CustomField.Kind.YES_NO), text, Reading(""))

    def to_text(self, value: Any) -> str:
        return _("Yes") if value else _("No")


@dataclass(frozen=True)
class OneOf(Nothing):
    """One of a few words, each with a name for people."""

    names: dict[str, Any] = field(default_factory=dict)

    def clean(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.names:
            raise ValidationError(_("Possible: %(offered)s.") % {"offered": ", ".join(self.names)})
        return value

    def from_text(self, text: str) -> Any:
        wanted = text.strip().casefold()
        return next((key for key, name in self.names.items() if wanted in {key, str(name).casefold()}), text)

    def to_text(self, value: Any) -> str:
        return str(self.names.get(value, value))


@dataclass(frozen=True)
class Own(Nothing):
    """A value of a church's own field; of several choices one."""

    own: CustomField
    several: bool = False

    def clean(self, value: Any) -> Any:
        if self.several:
            if not isinstance(value, list) or not 1 <= len(value) <= MOST_TEXTS:
                raise ValidationError(_("Give a list of 1 to %(most)d texts.") % {"most": MOST_TEXTS})
            return [self._one(each, Reading("", typed=True)) for each in value]
        return self._one(value, Reading("", typed=True))

    def _one(self, value: Any, reading: Reading) -> Any:
        if self.own.kind == CustomField.Kind.CHOICES and isinstance(value, str):
            value = [value]
        stored = stored_value(self.own, value, reading)
        if stored is None or (isinstance(stored, list) and len(stored) != 1):
            raise ValidationError(_("Give a value."))
        return stored[0] if isinstance(stored, list) else stored

    def from_text(self, text: str) -> Any:
        reading = Reading(current_church().country)
        if self.several:
            return [self._one(part.strip(), reading) for part in SEPARATOR.split(text) if part.strip()]
        if self.own.kind == CustomField.Kind.CHOICES:
            return self._one([text.strip()], reading)
        return self._one(text, reading)

    def to_text(self, value: Any) -> str:
        if self.several or self.own.kind == CustomField.Kind.CHOICES:
            return plain_text(self.own, value if isinstance(value, list) else [value])
        return plain_text(self.own, value)
