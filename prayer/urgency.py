"""Finds in a text what cannot wait: that somebody may harm themselves, or is being harmed.

A list of words, and no judgement: whatever it finds is held back until a person has looked. So it rather
finds too much. Texts are compared without accents, case and punctuation; letters with blanks or dots between
them, digits that stand for letters and letters held down are read as what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from members.search import folded

from .urgent_words import ABUSE, SELF_HARM

SELF_HARM_FLAG, ABUSE_FLAG, CHURCH_FLAG, MANY_FLAG = "self_harm", "abuse", "church_words", "many"
# Those that make a request urgent; MANY_FLAG only says that much came from one place.
URGENT_FLAGS = frozenset({SELF_HARM_FLAG, ABUSE_FLAG, CHURCH_FLAG})

LOOK_ALIKES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
APOSTROPHES = re.compile("['\u2019\u2018\u0060\u00b4]")
BETWEEN_WORDS = re.compile(r"[\W_]+")
HELD_DOWN = re.compile(r"([a-z])\1{2,}")
# Three letters or more that stand alone, one beside the other.
SPELLED_OUT = re.compile(r"\b(?:[a-z] ){2,}[a-z]\b")
LETTER = re.compile("[a-z]")


def _plain(text: str, between: str) -> str:
    """``text`` in small letters with one ``between`` where anything but letters and digits stood."""
    clean = folded(APOSTROPHES.sub("", INVISIBLE.sub("", text)))
    words = [word.translate(LOOK_ALIKES) if LETTER.search(word) else word for word in clean.split()]
    words = [HELD_DOWN.sub(r"\1", word) for word in words]
    plain = " ".join(" ".join(BETWEEN_WORDS.sub(between, word) for word in words).split())
    return SPELLED_OUT.sub(lambda found: found[0].replace(" ", ""), plain)


def readings_of(text: str) -> tuple[str, str]:
    """``text`` in the two ways in which it is looked through: punctuation as blanks, and as nothing."""
    return _plain(text, " "), _plain(text, "")


@lru_cache(maxsize=64)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Finds any of ``phrases``; one that ends with an asterisk is the beginning of a word."""
    parts = []
    for phrase in phrases:
        plain = _plain(phrase.removesuffix("*"), " ")
        if plain:
            parts.append(re.escape(plain) + (r"\w*" if phrase.endswith("*") else ""))
    return re.compile(rf"\b(?:{'|'.join(parts)})\b" if parts else r"(?!)")


def flags_of(text: str, *, further: Iterable[str] = ()) -> list[str]:
    """What is noticed in ``text``, out of ``URGENT_FLAGS``; ``further`` are the church's own words."""
    readings = readings_of(text)
    lists = {SELF_HARM_FLAG: SELF_HARM, ABUSE_FLAG: ABUSE, CHURCH_FLAG: tuple(further)}
    return [
        flag
        for flag, phrases in lists.items()
        if any(_pattern(tuple(phrases)).search(reading) for reading in readings)
    ]
