"""Which person a row means.

The rule, in the order in which it is applied:

0. A row of our own export names the person; when they are still there, nobody else is meant.
1. A row with a key of another system means the person who has that key, whatever else it says.
   When nobody has it, it may still mean, by the rules below, a person who has no such key yet.
2. Otherwise a row means a person of the same first and last name (without case, accents and
   punctuation) with whom it shares the email address, the birthday or the household's key.
   A birthday without a year agrees with every year.
3. A birthday that both state and that differs excludes the person, and so does a different key of
   another system: father and son of one name, or a person who was entered again, stay apart.
4. The household alone is weak evidence. Where nothing else agrees, a different suffix (Jr.),
   middle name or gender excludes the person as well. And where the file itself has several rows
   of that name in that household that cannot be told to be one person, so do a different email
   address and role in the household: of two John Smiths under one roof each keeps their row. With
   one such row in the file, a different email address is a new address of the same person.
5. Of several people that are left the one with whom most of email, birthday and household agrees
   is meant, then the one with fewest differences in what rule 4 names. When that leaves several
   the row is an error.
6. A row that states no email address, birthday, household or key is known again only by its
   fingerprint: the same row in the next file means the person that it made, any other makes one.

The rows of one file are compared with one another by the same rules (rule 4 in its strict form).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from members.search import folded, folded_name

# More people of one name that share an address or a household are not looked through.
MOST_CANDIDATES = 100

Found = TypeVar("Found")
# By these a row is known again in another file.
EVIDENCE = ("email", "birth_date", "household_key", "external_key")


class AmbiguousError(Exception):
    """A row could mean several people equally well; ``people`` says how many."""

    def __init__(self, people: int) -> None:
        super().__init__(f"matches {people} people")
        self.people = people


@dataclass(frozen=True, slots=True)
class Identity:
    """What of a person, or of a row, counts when the two are compared. Empty texts: not known."""

    name: str
    email: str
    birth_date: str
    household: str
    external_key: str
    fingerprint: str
    suffix: str
    gender: str
    middle_name: str
    household_role: str
    own_id: str = ""

    @property
    def has_evidence(self) -> bool:
        return bool(self.email or self.birth_date or self.household or self.external_key)

    def found_under(self) -> list[tuple[str, str, str]]:
        """The keys under which this is found by whatever might be the same person, the surest first."""
        keys = [("id", "", self.own_id)] if self.own_id else []
        keys += [("key", "", self.external_key)] if self.external_key else []
        keys += [
            (kind, self.name, value)
            for kind, value in (
                ("email", self.email),
                ("day", self.birth_date[-5:]),
                ("household", self.household),
                ("fingerprint", self.fingerprint),
            )
            if value
        ]
        return keys


def identity_of(value: Callable[[str], Any]) -> Identity:
    """The identity of something whose fields ``value`` gives by name, or None for what is not known."""

    def plain(field: str) -> str:
        text = value(field)
        return folded(text).strip(". ") if text else ""

    return Identity(
        name=folded_name(value("first_name") or "", value("last_name") or ""),
        email=(value("email") or "").lower(),
        birth_date=value("birth_date") or "",
        household=value("household_key") or "",
        external_key=value("external_key") or "",
        fingerprint=value("import_fingerprint") or "",
        suffix=plain("suffix"),
        gender=plain("gender"),
        middle_name=plain("middle_name"),
        household_role=plain("household_role"),
        own_id=str(value("id") or ""),
    )


def _same_birthday(one: str, other: str) -> bool:
    if one.startswith("--") or other.startswith("--"):
        return one[-5:] == other[-5:]
    return one == other


def _differs(one: str, other: str) -> bool:
    """Whether both are known and neither is the other's beginning (``R``, ``Robert``; ``M``, ``Male``)."""
    return bool(one and other) and not one.startswith(other) and not other.startswith(one)


def _rank(row: Identity, person: Identity, *, crowded: bool) -> tuple[int, int] | None:
    """How well ``row`` fits ``person``, more is better; None when it does not mean them."""
    if row.name != person.name or (row.external_key and person.external_key):
        return None
    birthday = bool(row.birth_date and person.birth_date)
    same_birthday = birthday and _same_birthday(row.birth_date, person.birth_date)
    if birthday and not same_birthday:
        return None
    same_email = bool(row.email) and row.email == person.email
    same_household = bool(row.household) and row.household == person.household
    clear_differences = (
        _differs(row.suffix, person.suffix)
        + _differs(row.middle_name, person.middle_name)
        + _differs(row.gender, person.gender)
    )
    other_differences = bool(row.email and person.email and not same_email) + _differs(
        row.household_role, person.household_role
    )
    if not same_email and not same_birthday:
        excluded = clear_differences or (crowded and other_differences)
        if not same_household or excluded:
            return None
    return same_email + same_birthday + same_household, -(clear_differences + other_differences)


def meant_by(row: Identity, candidates: Iterable[tuple[Identity, Found]], *, crowded: bool) -> Found | None:
    """The candidate whom ``row`` means, or None. Raises AmbiguousError.

    ``crowded``: the file has several rows of that name in that household.
    """
    ranked: list[tuple[tuple[int, int], Found]] = []
    for number, (identity, candidate) in enumerate(candidates):
        if row.own_id and row.own_id == identity.own_id:
            return candidate
        if row.external_key and row.external_key == identity.external_key:
            return candidate
        if number >= MOST_CANDIDATES:
            raise AmbiguousError(number + 1)
        if not row.has_evidence:
            if row.fingerprint == identity.fingerprint:
                return candidate
            continue
        rank = _rank(row, identity, crowded=crowded)
        if rank is not None:
            ranked.append((rank, candidate))
    if not ranked:
        return None
    best = max(rank for rank, _candidate in ranked)
    meant = [candidate for rank, candidate in ranked if rank == best]
    if len(meant) > 1:
        raise AmbiguousError(len(meant))
    return meant[0]
