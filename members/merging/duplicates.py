"""Who may be in the list twice: pairs of people, with the reasons and how much they weigh.

People are compared only with those who share something: an email, a phone number, or the last name with a
birthday, an address or a household. Each of these makes small groups, so the whole of a large church is
looked through in memory, with three queries whatever its size.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

from django.db.models import TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from members.models import HouseholdMembership, Member, NotDuplicates
from members.search import words

from .likeness import Name, like_first_names, like_names, same_name

EMAIL, PHONE = "email", "phone"
NAME_AND_ADDRESS, NAME_AND_BIRTHDAY = "name_and_address", "name_and_birthday"
REASONS = (EMAIL, PHONE, NAME_AND_ADDRESS, NAME_AND_BIRTHDAY)
# What each reason weighs where the names are alike; of 100.
WEIGHTS = {EMAIL: 35, PHONE: 25, NAME_AND_ADDRESS: 30, NAME_AND_BIRTHDAY: 40}
SAME_NAME, LIKE_NAME = 30, 15
# Of the weight, where names say rather that they are two who share a mailbox or a telephone.
OTHER_LAST_NAME, OTHER_NAME = 0.7, 0.4
# Two different full birthdays speak against one person; a wrong one is possible.
OTHER_BIRTHDAY = 0.5
# A number that more people share is an office's, and says little of any two of them.
MOST_IN_GROUP = 40


@dataclass(slots=True, eq=False)
class Person:
    """What is compared of one person."""

    id: uuid.UUID
    name: Name
    birth_date: str
    email: str
    phones: tuple[str, ...]
    address: tuple[str, str] | None
    household_key: str
    households: set[uuid.UUID] = field(default_factory=set)

    def lives_with(self, other: Person) -> bool:
        """Whether both are known to be of one household."""
        shares_key = bool(self.household_key) and self.household_key == other.household_key
        return shares_key or not self.households.isdisjoint(other.households)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who may be one; ``first`` has the smaller id. ``score`` is 1 to 100."""

    first: uuid.UUID
    second: uuid.UUID
    reasons: list[str]
    score: int


def find_duplicates() -> list[Pair]:
    """Every pair of the church that may be one person, the likeliest first."""
    people = _people()
    said = set(NotDuplicates.objects.values_list("first_id", "second_id"))
    reasons: dict[tuple[uuid.UUID, uuid.UUID], tuple[Person, Person, list[str]]] = {}
    for reason, one, other in _candidates(people):
        first, second = (one, other) if one.id < other.id else (other, one)
        key = (first.id, second.id)
        if key not in said:
            found = reasons.setdefault(key, (first, second, []))[2]
            if reason not in found:
                found.append(reason)
    pairs = [pair for first, second, why in reasons.values() if (pair := _rated(first, second, why))]
    return sorted(pairs, key=lambda pair: (-pair.score, pair.first, pair.second))


def _people() -> list[Person]:
    rows = Member.objects.order_by().values_list(
        "id", "folded_name", "nickname", "suffix", "birth_date", "email", "phone", "home_phone", "work_phone",
        _address_part("line1"), _address_part("postal_code"), "household_key",
    )  # fmt: skip
    people = {
        key: Person(
            key,
            _name(folded, nickname, suffix),
            birth_date,
            email.lower(),
            tuple({number for number in phones if number}),
            _address(line1, postal_code),
            household_key,
        )
        for (
            key, folded, nickname, suffix, birth_date, email, *phones, line1, postal_code, household_key,
        ) in rows.iterator(chunk_size=5_000)
    }  # fmt: skip
    for key, household in HouseholdMembership.objects.order_by().values_list("member_id", "household_id"):
        if key in people:
            people[key].households.add(household)
    return list(people.values())


def _address_part(part: str) -> Any:
    return Cast(KeyTextTransform(part, "address"), TextField())


def _name(folded: str, nickname: str, suffix: str) -> Name:
    last, _comma, first = folded.partition(", ")
    return Name(last, first, nickname, suffix)


def _address(line1: str | None, postal_code: str | None) -> tuple[str, str] | None:
    street = "".join(words(line1)) if line1 else ""
    return (street, "".join(words(postal_code)) if postal_code else "") if street else None


def _candidates(people: list[Person]) -> Iterator[tuple[str, Person, Person]]:
    """(reason, person, person), some more than once."""
    for reason, keys in ((EMAIL, lambda p: [p.email] if p.email else []), (PHONE, lambda p: p.phones)):
        yield from ((reason, *pair) for pair in _sharing(people, keys))
    for reason, keys in ((NAME_AND_ADDRESS, _homes), (NAME_AND_BIRTHDAY, _birthdays)):
        for one, other in _sharing(people, keys):
            if like_names(one.name, other.name) and (
                reason != NAME_AND_BIRTHDAY or not _born_apart(one, other)
            ):
                yield reason, one, other


def _homes(person: Person) -> list[Hashable]:
    last = person.name.last
    homes: list[Hashable] = [(last, household) for household in person.households]
    homes += [(last, person.address)] if person.address else []
    return homes + ([(last, "key", person.household_key)] if person.household_key else [])


def _birthdays(person: Person) -> list[Hashable]:
    # The day alone, because of some people the year is not known.
    return [(person.name.last, person.birth_date[-5:])] if person.birth_date else []


def _born_apart(one: Person, other: Person) -> bool:
    """Both birthdays are known in full, and they are two."""
    known = one.birth_date[:1].isdigit() and other.birth_date[:1].isdigit()
    return known and one.birth_date != other.birth_date


def _sharing(
    people: Iterable[Person], keys: Callable[[Person], Iterable[Hashable]]
) -> Iterator[tuple[Person, Person]]:
    """Pairs of those who share a key."""
    groups: dict[Hashable, list[Person]] = defaultdict(list)
    for person in people:
        for key in keys(person):
            groups[key].append(person)
    for group in groups.values():
        if 1 < len(group) <= MOST_IN_GROUP:
            yield from combinations(group, 2)
        elif len(group) > MOST_IN_GROUP:
            # All with all would be millions; those of like names stand next to each other.
            yield from pairwise(sorted(group, key=lambda person: (person.name.last, person.name.first)))


def _rated(one: Person, other: Person, reasons: list[str]) -> Pair | None:
    weight = float(sum(WEIGHTS[reason] for reason in reasons))
    if like_names(one.name, other.name):
        weight += SAME_NAME if same_name(one.name, other.name) else LIKE_NAME
    elif one.lives_with(other):
        return None
    elif one.name.last != other.name.last and like_first_names(one.name, other.name):
        weight *= OTHER_LAST_NAME
    else:
        weight *= OTHER_NAME
    if _born_apart(one, other):
        weight *= OTHER_BIRTHDAY
    ordered = [reason for reason in REASONS if reason in reasons]
    return Pair(one.id, other.id, ordered, max(1, min(100, round(weight))))
