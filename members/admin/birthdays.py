"""Birthdays as people write and read them; stored as ``1975-06-15`` or, without a year, ``--06-15``."""

from __future__ import annotations

import datetime
import re

from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _

from core.fields import PARTIAL_DATE, validate_partial_date

YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})")
MONTH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})")
TWO_NUMBERS = re.compile(r"(\d{1,2})([/.])(\d{1,2})(?:\2(\d{4}))?")
WORDS = re.compile(r"[^\W\d_]+|\d+")
SHORTEST_MONTH = 3
# What stands between the parts of a date that is written in words, in English and Spanish.
FILLERS = {"st", "nd", "rd", "th", "of", "the", "de", "del", "el"}


def stored_birthday(text: str) -> str:
    """What somebody typed, in the stored form: ``June 15, 1975``, ``6/15/1975``, ``06-15`` …

    Names of months are read in the language of the page, and so is the order of day and month in
    ``6/15``. An empty text stays empty. Raises ValidationError.
    """
    text = " ".join(text.split())
    if not text or PARTIAL_DATE.match(text):
        stored = text
    elif found := YEAR_FIRST.fullmatch(text):
        stored = _stored(int(found[1]), int(found[2]), int(found[3]))
    elif found := MONTH_DAY.fullmatch(text):
        stored = _stored(None, int(found[1]), int(found[2]))
    elif found := TWO_NUMBERS.fullmatch(text):
        stored = _from_two_numbers(found)
    else:
        stored = _from_words(text)
    if stored:
        validate_partial_date(stored)
    return stored


def _stored(year: int | None, month: int, day: int) -> str:
    return f"{year:04d}-{month:02d}-{day:02d}" if year else f"--{month:02d}-{day:02d}"


def _from_two_numbers(found: re.Match[str]) -> str:
    first, second = int(found[1]), int(found[3])
    year = int(found[4]) if found[4] else None
    usual = next(form for form in get_format("DATE_INPUT_FORMATS") if not form.startswith("%Y"))
    day_first = found[2] == "." or usual.startswith("%d")
    if first > 12 or (day_first and second <= 12):
        return _stored(year, second, first)
    return _stored(year, first, second)


def _from_words(text: str) -> str:
    month, day, year = 0, 0, None
    for word in (word.casefold() for word in WORDS.findall(text)):
        if not month and (named := _month_named(word)):
            month = named
        elif word.isdecimal() and len(word) <= 2 and not day:
            day = int(word)
        elif word.isdecimal() and len(word) == 4 and year is None:
            year = int(word)
        elif word not in FILLERS:
            raise _unreadable()
    if not month or not day:
        raise _unreadable()
    return _stored(year, month, day)


def _month_named(word: str) -> int:
    """The month whose name in the language of the page begins with ``word``; 0 when there is none."""
    if len(word) < SHORTEST_MONTH:
        return 0
    return next((number for number, name in MONTHS.items() if str(name).casefold().startswith(word)), 0)


def _unreadable() -> ValidationError:
    return ValidationError(
        _("Write a birthday like 1975-06-15 or %(example)s; the year may be left out.")
        % {"example": date_format(datetime.date(1975, 6, 15), "DATE_FORMAT")},
        code="invalid_date",
    )


def birthday_text(birth_date: str) -> str:
    """``1975-06-15`` as ``June 15, 1975``, ``--06-15`` as ``June 15``; anything else as it is."""
    match = PARTIAL_DATE.match(birth_date)
    if match is None:
        return birth_date
    try:
        # The year 2000 has a 29th of February.
        day = datetime.date(int(match["year"] or 2000), int(match["month"]), int(match["day"]))
    except ValueError:
        return birth_date
    return date_format(day, "DATE_FORMAT" if match["year"] else "MONTH_DAY_FORMAT")


def age_on(birth_date: str, day: datetime.date) -> int | None:
    """Years completed on ``day``, or None when the year of birth is not known."""
    match = PARTIAL_DATE.match(birth_date)
    if match is None or not match["year"]:
        return None
    birthday_to_come = (day.month, day.day) < (int(match["month"]), int(match["day"]))
    return day.year - int(match["year"]) - birthday_to_come
