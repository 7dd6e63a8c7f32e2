"""Model fields that more than one room uses."""

from __future__ import annotations

import calendar
import re
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from .encryption import decrypt, encrypt

PARTIAL_DATE = re.compile(r"^(?:(?P<year>[0-9]{4})-|--)(?P<month>[0-9]{2})-(?P<day>[0-9]{2})\Z")


class EncryptedTextField(models.TextField):
    """Text that lies encrypted in the database and is text everywhere else.

    Searching or sorting by it is impossible and raises FieldError; only ``isnull`` works.
    """

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value is None else encrypt(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return value if value is None else decrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted; it cannot be looked up by '{lookup_name}'.")
        return super().get_lookup(lookup_name)


def validate_partial_date(value: str) -> None:
    """Raises ValidationError unless ``value`` is ``YYYY-MM-DD`` or ``--MM-DD`` and exists."""
    match = PARTIAL_DATE.match(value)
    if match:
        # Without a year the 29th of February is a birthday too, so the test takes a leap year.
        year = int(match["year"] or 2000)
        month, day = int(match["month"]), int(match["day"])
        if 1 <= month <= 12 and year >= 1 and 1 <= day <= calendar.monthrange(year, month)[1]:
            return
    raise ValidationError(
        _("Write a date as YYYY-MM-DD, or as --MM-DD when the year is not known."), code="invalid_date"
    )


class PartialDateField(models.CharField):
    """A date whose year may be unknown: ``2001-07-04`` or ``--07-04`` (RFC 6350, 4.3.1)."""

    default_validators = [validate_partial_date]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        super().__init__(*args, **kwargs)
