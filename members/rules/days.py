"""Days as a church counts them: its weeks, its midnight, and when birthdays are celebrated."""

from __future__ import annotations

import calendar
import datetime

from django.utils import timezone
from django.utils.formats import get_format


def start_of_week(today: datetime.date) -> datetime.date:
    """The first day of the week as it is counted in the language of the page."""
    # Django counts from Sunday, Python from Monday.
    first_weekday = (int(get_format("FIRST_DAY_OF_WEEK")) - 1) % 7
    return today - datetime.timedelta(days=(today.weekday() - first_weekday) % 7)


def start_of(day: datetime.date) -> datetime.datetime:
    """Midnight of ``day`` in the church's time zone."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def coming_birthdays(first: datetime.date, days: int) -> dict[str, datetime.date]:
    """``MM-DD`` -> the day on which it is celebrated, for ``days`` days from ``first``.

    Who was born on a 29th of February celebrates on the 28th in years without one.
    """
    celebrated: dict[str, datetime.date] = {}
    for number in range(days):
        day = first + datetime.timedelta(days=number)
        celebrated[f"{day:%m-%d}"] = day
        if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
            celebrated["02-29"] = day
    return celebrated
