"""The plain choices by which a form says how something repeats, and the rule that they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .recurrence import WEEKDAYS, Rule, to_instant, to_wall

ONCE = ""
DAILY = "daily"
WEEKLY = "weekly"
MONTHLY_DAY = "monthly_day"
MONTHLY_WEEKDAY = "monthly_weekday"
MONTHLY_LAST = "monthly_last"
YEARLY = "yearly"
# A rule that says more than these choices can.
AS_IT_IS = "as_it_is"

CHOICES = [
    (ONCE, _("Does not repeat")),
    (DAILY, pgettext_lazy("choice", "Every day")),
    (WEEKLY, _("Every week on these days:")),
    (MONTHLY_DAY, _("Every month on the same day, like the 14th")),
    (MONTHLY_WEEKDAY, _("Every month on the same weekday, like the second Sunday")),
    (MONTHLY_LAST, _("Every month on the last such weekday, like the last Friday")),
    (YEARLY, _("Every year on the same day")),
]
LAST_WEEK = 5


@dataclass(frozen=True)
class Repeating:
    """What was chosen. ``weekdays`` are numbers, 0 for Monday; it ends on a day or after ``times``."""

    choice: str
    every: int = 1
    weekdays: Sequence[int] = ()
    ends_on: date | None = None
    times: int | None = None

    def rule(self, wall: datetime, zone: str) -> str:
        """The RRULE of a series that begins at ``wall`` in ``zone``."""
        if self.choice == ONCE:
            return ""
        until = None
        if self.ends_on is not None:
            until = to_instant(datetime.combine(self.ends_on, time(23, 59, 59)), zone)
        which = -1 if self.choice == MONTHLY_LAST else (wall.day - 1) // 7 + 1
        by_weekday = self.choice in {MONTHLY_WEEKDAY, MONTHLY_LAST}
        days = tuple((0, day) for day in sorted(self.weekdays or [wall.weekday()]))
        frequency = self.choice.partition("_")[0].upper()
        rule = Rule(
            frequency,
            interval=self.every,
            count=self.times,
            until=until,
            weekdays=days if self.choice == WEEKLY else ((which, wall.weekday()),) if by_weekday else (),
        )
        return rule.text()


def repeating_of(rule: Rule | None, wall: datetime, zone: str) -> Repeating:
    """The choices that mean ``rule``; AS_IT_IS where none do."""
    if rule is None:
        return Repeating(ONCE)
    ends_on = to_wall(rule.until, zone).date() if rule.until else None
    weekdays = [day for _which, day in rule.weekdays]
    for choice, _label in CHOICES[1:]:
        found = Repeating(choice, rule.interval, weekdays if choice == WEEKLY else (), ends_on, rule.count)
        if _without_end(found.rule(wall, zone)) == _without_end(rule.text()) or (
            choice == WEEKLY and rule.text().startswith("FREQ=WEEKLY") and not rule.week_start
        ):
            return found
    return Repeating(AS_IT_IS)


def _without_end(text: str) -> str:
    # The day of the end is the same, its hour need not be.
    return ";".join(part for part in text.split(";") if not part.startswith("UNTIL"))


def weekday_choices() -> list[tuple[int, str]]:
    """Monday to Sunday by number."""
    # Deferred: names of days are translated when they are asked for.
    from django.utils.dates import WEEKDAYS as NAMES

    return [(number, str(NAMES[number])) for number in range(len(WEEKDAYS))]
