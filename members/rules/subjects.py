"""What a rule can ask of people: each field with its operators, as one table.

A new field is one entry of ``SUBJECTS``. An operator is its name for people, what it compares with,
and the condition that it makes.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, F, Func, JSONField, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce, Right
from django.db.models.lookups import Exact, IContains, IExact, In, StartsWith
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.custom_fields import querying
from members.models import CustomField, HouseholdMembership
from members.search import query_for

from .days import coming_birthdays, start_of, start_of_week
from .values import Day, Digits, Nothing, OneOf, Own, Text, Texts, Whole, YesNo

EVERY_DAY_OF_A_YEAR = 366
OLDEST = 150
PHONES = ("phone", "home_phone", "work_phone")
BEFORE = pgettext_lazy("a day", "before")
AFTER = pgettext_lazy("a day", "after")


@dataclass(frozen=True)
class Operator:
    """``condition`` is given the kept value; a phrase like “has the tag”, to which the value is added."""

    phrase: Any
    value: Nothing
    condition: Callable[[Any], Q]


@dataclass(frozen=True)
class Subject:
    """``label`` groups the operators for people."""

    label: Any
    operators: dict[str, Operator]


def nobody() -> Q:
    return Q(pk__in=[])


# -- Texts in columns --


def _any_of(column: str) -> Callable[[Any], Q]:
    def condition(values: list[str]) -> Q:
        found = nobody()
        for value in values:
            found |= Q(**{f"{column}__iexact": value})
        return found

    return condition


def _one_of_few(column: str, label: Any) -> Subject:
    return Subject(
        label,
        {
            "is": Operator(_("is"), Text(), lambda value: Q(**{f"{column}__iexact": value})),
            "is_not": Operator(_("is not"), Text(), lambda value: ~Q(**{f"{column}__iexact": value})),
            "in": Operator(_("is one of"), Texts(), _any_of(column)),
        },
    )


def _search(text: str) -> Q:
    query = query_for(text)
    return nobody() if query is None else Q(search_document=query)


def _has_phone(text: str = "") -> Q:
    digits = "".join(character for character in text if character.isdigit()).lstrip("0")
    found = nobody()
    for column in PHONES:
        found |= Q(**{f"{column}__contains": digits}) & ~Q(**{column: ""})
    return found


# -- Where they live --


def _address_part(part: str) -> Coalesce:
    """A part of where somebody lives: of their own address, or of their main household's."""
    household = HouseholdMembership.objects.filter(member=OuterRef("pk"), is_primary=True)
    address = Case(
        When(address={}, then=Subquery(household.values("household__address")[:1])),
        default=F("address"),
        output_field=JSONField(),
    )
    text = Func(address, Value(part), function="jsonb_extract_path_text", output_field=TextField())
    return Coalesce(text, Value(""), output_field=TextField())


def _place(part: str, label: Any) -> Subject:
    return Subject(
        label,
        {
            "is": Operator(_("is"), Text(), lambda value: Q(IExact(_address_part(part), value))),
            "starts_with": Operator(
                _("begins with"), Text(), lambda value: Q(StartsWith(_address_part(part), value))
            ),
            "known": Operator(_("is known"), Nothing(), lambda _value: ~Q(Exact(_address_part(part), ""))),
            "missing": Operator(_("is missing"), Nothing(), lambda _value: Q(Exact(_address_part(part), ""))),
        },
    )


# -- Days --


def _born_until(years: int) -> Q:
    """Whose birthday of that many years is today or past. Without a year of birth nobody knows."""
    today = timezone.localdate()
    last = f"{max(today.year - years, 0):04}-{today:%m-%d}"
    return _birth_year_known() & Q(birth_date__lte=last)


def _birth_year_known() -> Q:
    return ~Q(birth_date="") & ~Q(birth_date__startswith="--")


def _birthday_soon(days: int) -> Q:
    celebrated = coming_birthdays(timezone.localdate(), days + 1)
    return Q(In(Right("birth_date", 5), sorted(celebrated)))


def _added_in_last(days: int) -> Q:
    return Q(created_at__gte=start_of(timezone.localdate() - datetime.timedelta(days=days - 1)))


def _added_this(period: str) -> Q:
    today = timezone.localdate()
    first = {"day": today, "week": start_of_week(today), "month": today.replace(day=1)}[period]
    return Q(created_at__gte=start_of(first))


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def _day_after(text: str) -> datetime.datetime:
    return start_of(_day(text) + datetime.timedelta(days=1))


# -- Households --


def _in_household(**of_membership: Any) -> Q:
    return Q(Exists(HouseholdMembership.objects.filter(member=OuterRef("pk"), **of_membership)))


def _household_role(role: str) -> Q:
    """Who has the role in one of their households."""
    return _in_household(role__iexact=role)


def _household_roles(roles: list[str]) -> Q:
    found = nobody()
    for role in roles:
        found |= _household_role(role)
    return found


SUBJECTS: dict[str, Subject] = {
    "search": Subject(_("Search"), {"matches": Operator(_("finds"), Text(), _search)}),
    "membership_status": _one_of_few("membership_status", _("Status")),
    "tags": Subject(
        _("Tags"),
        {
            "has": Operator(_("has the tag"), Text(), lambda tag: Q(tags__contains=[tag])),
            "has_not": Operator(_("has not the tag"), Text(), lambda tag: ~Q(tags__contains=[tag])),
            "has_any": Operator(_("has one of the tags"), Texts(), lambda tags: Q(tags__overlap=tags)),
        },
    ),
    "gender": _one_of_few("gender", _("Gender")),
    "marital_status": _one_of_few("marital_status", _("Marital status")),
    "email": Subject(
        _("Email"),
        {
            "known": Operator(_("is known"), Nothing(), lambda _value: ~Q(email="")),
            "missing": Operator(_("is missing"), Nothing(), lambda _value: Q(email="")),
            "contains": Operator(_("contains"), Text(), lambda text: Q(email__icontains=text)),
        },
    ),
    "phone": Subject(
        _("Phone"),
        {
            "known": Operator(_("is known"), Nothing(), lambda _value: _has_phone()),
            "missing": Operator(_("is missing"), Nothing(), lambda _value: ~_has_phone()),
            "contains": Operator(_("contains"), Digits(), _has_phone),
        },
    ),
    "city": _place("city", _("City")),
    "postal_code": _place("postal_code", _("Postal code")),
    "age": Subject(
        _("Age"),
        {
            "from": Operator(_("is at least"), Whole(0, OLDEST), _born_until),
            "to": Operator(
                _("is at most"),
                Whole(0, OLDEST),
                lambda years: _birth_year_known() & ~_born_until(years + 1),
            ),
        },
    ),
    "birthday": Subject(
        _("Birthday"),
        {
            "in_next_days": Operator(
                _("is in the next (days)"), Whole(0, EVERY_DAY_OF_A_YEAR), _birthday_soon
            ),
            "in_month": Operator(
                _("is in the month (1 to 12)"),
                Whole(1, len(MONTHS)),
                lambda month: Q(StartsWith(Right("birth_date", 5), f"{month:02}-")),
            ),
            "known": Operator(_("is known"), Nothing(), lambda _value: ~Q(birth_date="")),
            "missing": Operator(_("is missing"), Nothing(), lambda _value: Q(birth_date="")),
        },
    ),
    "added": Subject(
        _("Added"),
        {
            "in_last_days": Operator(_("in the last (days)"), Whole(1, 36_500), _added_in_last),
            "this": Operator(
                _("this"),
                OneOf({"day": _("today"), "week": _("week"), "month": _("month")}),
                _added_this,
            ),
            "before": Operator(BEFORE, Day(), lambda day: Q(created_at__lt=start_of(_day(day)))),
            "after": Operator(AFTER, Day(), lambda day: Q(created_at__gte=_day_after(day))),
        },
    ),
    "baptized": Subject(
        _("Baptised"),
        {
            "is": Operator(_("yes or no:"), YesNo(), lambda yes: Q(baptized_date__isnull=not yes)),
            "before": Operator(BEFORE, Day(), lambda day: Q(baptized_date__lt=_day(day))),
            "after": Operator(AFTER, Day(), lambda day: Q(baptized_date__gt=_day(day))),
        },
    ),
    "household_role": Subject(
        _("Role in the household"),
        {
            "is": Operator(_("is"), Text(), _household_role),
            "is_not": Operator(_("is not"), Text(), lambda role: ~_household_role(role)),
            "in": Operator(_("is one of"), Texts(), _household_roles),
        },
    ),
    "household": Subject(
        _("In a household"),
        {"is": Operator(_("yes or no:"), YesNo(), lambda yes: _in_household() if yes else ~_in_household())},
    ),
}


def own_subject(own: CustomField) -> Subject:
    """What can be asked of a church's own field, by its kind."""
    kinds = CustomField.Kind

    def is_value(value: Any) -> Q:
        return querying.is_value(own, value)

    one, several = Own(own), Own(own, several=True)
    operators: dict[str, dict[str, Operator]] = {
        kinds.TEXT: {
            "is": Operator(_("is"), one, is_value),
            "contains": Operator(_("contains"), Text(), lambda text: Q(IContains(_own_text(own), text))),
        },
        kinds.NUMBER: {
            "is": Operator(_("is"), one, is_value),
            "from": Operator(_("is at least"), one, lambda value: querying.at_least(own, value)),
            "to": Operator(_("is at most"), one, lambda value: querying.at_most(own, value)),
        },
        kinds.DATE: {
            "is": Operator(_("is"), one, is_value),
            "from": Operator(_("is on or after"), one, lambda value: querying.at_least(own, value)),
            "to": Operator(_("is on or before"), one, lambda value: querying.at_most(own, value)),
        },
        kinds.CHOICE: {
            "is": Operator(_("is"), one, is_value),
            "is_not": Operator(_("is not"), one, lambda value: ~is_value(value)),
            "in": Operator(_("is one of"), several, lambda values: querying.is_any(own, values)),
        },
        kinds.CHOICES: {
            "has": Operator(_("has"), one, is_value),
            "has_not": Operator(_("has not"), one, lambda value: ~is_value(value)),
            "has_any": Operator(_("has one of"), several, lambda values: querying.is_any(own, values)),
        },
        kinds.YES_NO: {"is": Operator(_("is"), one, is_value)},
    }
    everywhere = {
        "known": Operator(_("is known"), Nothing(), lambda _value: querying.has_value(own)),
        "missing": Operator(_("is missing"), Nothing(), lambda _value: ~querying.has_value(own)),
    }
    return Subject(own.label, {**operators[own.kind], **everywhere})


def _own_text(own: CustomField) -> Coalesce:
    return Coalesce(querying.text_value(own.key), Value(""), output_field=TextField())
