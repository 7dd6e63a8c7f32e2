"""Whether two names may be one person's."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from members.search import words

ALIKE = 0.85


@dataclass(frozen=True, slots=True)
class Name:
    """Names in the form in which they are compared: ``last`` and ``first`` folded, as in
    ``Member.folded_name``; ``nickname`` and ``suffix`` as they were typed.
    """

    last: str
    first: str
    nickname: str
    suffix: str


def same_name(one: Name, other: Name) -> bool:
    """Both names are the same, and no suffix (Jr, Sr) says that they are two people's."""
    return one.last == other.last and one.first == other.first and not _suffixes_differ(one, other)


def like_names(one: Name, other: Name) -> bool:
    """The same last name, and first names that may be one: equal, a nickname, shortened, initials, or
    misspelt.
    """
    if one.last != other.last or _suffixes_differ(one, other):
        return False
    return like_first_names(one, other)


def like_first_names(one: Name, other: Name) -> bool:
    """First names that may be one person's, whatever the last names are."""
    a, b = one.first, other.first
    if a == b:
        return True
    if not a or not b:
        return False
    if _called(one) in {b, _called(other)} - {""} or _called(other) == a:
        return True
    shorter, longer = sorted((a, b), key=len)
    return _may_be_one(shorter, longer)


# Few first names make up most of a church; each pair of them is compared once.
@lru_cache(maxsize=20_000)
def _may_be_one(shorter: str, longer: str) -> bool:
    return longer.startswith(shorter) or _initials(shorter, longer) or _misspelt(shorter, longer)


def _misspelt(shorter: str, longer: str) -> bool:
    if any(letter.isdigit() for letter in shorter + longer):
        # "Child 1" and "Child 2" are two; a number is no slip of the pen.
        return False
    # What the matcher could find at best, by length and by letters: it takes ten times as long to make.
    enough = ALIKE * (len(shorter) + len(longer)) / 2
    if len(shorter) < enough or sum(min(shorter.count(c), longer.count(c)) for c in set(shorter)) < enough:
        return False
    # It does not find the same both ways; the order of the alphabet decides.
    first, second = sorted((shorter, longer))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE


def _suffixes_differ(one: Name, other: Name) -> bool:
    return bool(one.suffix and other.suffix and words(one.suffix) != words(other.suffix))


def _called(name: Name) -> str:
    return " ".join(words(name.nickname)) if name.nickname else ""


def _initials(shorter: str, longer: str) -> bool:
    """``j p`` and ``jp`` stand for ``john paul``, ``j`` for ``john``."""
    letters = shorter.replace(" ", "")
    initials = "".join(word[0] for word in longer.split())
    return len(letters) <= len(initials) and initials.startswith(letters)
