"""Dates as people write them in lists, read to ``YYYY-MM-DD`` or, without a year, ``--MM-DD``."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.fields import validate_partial_date

# Countries that write the month first (CLDR 45, short date). Canada writes both ways.
MONTH_FIRST = {"US", "PR", "GU", "VI", "AS", "MP", "UM", "PH", "FM", "MH", "PW"}
EITHER_WAY = {"CA"}

YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
WITHOUT_YEAR = re.compile(r"^--(\d{2})-?(\d{2})$")
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
YEAR_LAST = re.compile(r"^(\d{1,2})([-/.])(\d{1,2})(?:\2(\d{4}|\d{2}))?\.?(?: .*)?$")


def read_date(text: str, country: str) -> str:
    """``text`` as ``YYYY-MM-DD`` or ``--MM-DD``; an empty text for a date of zeros only.

    Year first is read as such, the year 0000 means that it is not known. Day and month in front
    of the year are told apart by a number above 12, or else by ``country`` (ISO 3166): month first
    in the United States, day first nearly everywhere. Where that leaves two meanings (points in a
    country that does not write them, Canada) the date is refused. Raises ValidationError.
    """
    for pattern in (YEAR_FIRST, COMPACT):
        if match := pattern.match(text):
            year, month, day = match.groups()
            return _date(year, int(month), int(day))
    if match := WITHOUT_YEAR.match(text):
        return _date("0000", int(match[1]), int(match[2]))
    if match := YEAR_LAST.match(text):
        first, mark, second, year = int(match[1]), match[2], int(match[3]), match[4] or "0000"
        if len(year) == 2:
            raise ValidationError(_("“%(text)s”: write the year with four digits.") % {"text": text[:40]})
        if _month_comes_first(first, second, mark, country.upper(), text):
            first, second = second, first
        return _date(year, second, first)
    validate_partial_date(text)
    return text


def _date(year: str, month: int, day: int) -> str:
    if int(year) == month == day == 0:
        return ""
    date = f"--{month:02}-{day:02}" if year == "0000" else f"{year}-{month:02}-{day:02}"
    validate_partial_date(date)
    return date


def _month_comes_first(first: int, second: int, mark: str, country: str, text: str) -> bool:
    if first > 12 or second > 12:
        return second > 12
    if first == second:
        return False
    if country in EITHER_WAY or (mark == "." and country in MONTH_FIRST):
        raise ValidationError(
            _("“%(text)s” can be read in two ways. Write it as YYYY-MM-DD.") % {"text": text[:40]}
        )
    return country in MONTH_FIRST
