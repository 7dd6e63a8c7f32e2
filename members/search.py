"""Full-text search over a person: words of name, email, phone and tags, by their beginnings.

PostgreSQL's ``unaccent`` is an extension, and none may be needed. So the same function folds what
is stored and what is asked for: lower case, accents gone, split into words and digits. Both go to
PostgreSQL as finished ``tsvector`` and ``tsquery``. Its own parser is left out: computed for each row
that the index did not choose, it made a search of 20,000 people take a quarter of a second.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from django.contrib.postgres.search import SearchQuery

if TYPE_CHECKING:
    from .models import Member

# Letters that Unicode does not take apart into a base and an accent.
UNDECOMPOSED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h"}
    | {"\u0131": "i"}  # the i without a dot
)
# Accents, and the vowel points that Hebrew and Arabic are mostly written without. The signs of other
# scripts (the vowels of Hindi, the voicing of Japanese) make other words and stay.
ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff]")
ASCII_WORDS = re.compile("[a-z0-9]+")
PHONE_LIKE = re.compile(r"^\s*\+?[\d\s().\-/]{3,}$")
LONGEST_QUERY = 200
MOST_WORDS = 12
# PostgreSQL refuses a word of more than 2,046 bytes; a letter has at most 4.
LONGEST_WORD = 100
LONGEST_NAME = 200


class FinishedQuery(SearchQuery):
    """A query in PostgreSQL's notation, taken as it is."""

    template = "%(expressions)s::tsquery"


def folded(text: str) -> str:
    """``text`` in lower case without accents: ``José Müßig`` gives ``jose mussig``."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return unicodedata.normalize("NFC", ACCENTS.sub("", decomposed)).translate(UNDECOMPOSED)


def _is_of_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


def words(text: str) -> list[str]:
    """The words of ``text``, folded: letters (with their signs) and digits."""
    if text.isascii():
        return [word[:LONGEST_WORD] for word in ASCII_WORDS.findall(text.lower())]
    spaced = "".join(character if _is_of_word(character) else " " for character in folded(text))
    return [word[:LONGEST_WORD] for word in spaced.split()]


def folded_name(first_name: str, last_name: str) -> str:
    """Both names in the form in which they are compared: ``smith jones, mary``."""
    return f"{' '.join(words(last_name))}, {' '.join(words(first_name))}"[:LONGEST_NAME]


def _phone_words(phone: str) -> list[str]:
    digits = "".join(c for c in phone if c.isdigit())
    # With and without the country's code, and the last parts that people remember.
    return [digits[start:] for start in range(min(4, len(digits)))] + [digits[-7:], digits[-4:]]


def document_for(member: Member) -> str:
    """The words under which ``member`` is found, each once, as the text of a ``tsvector``."""
    texts = [
        member.first_name,
        member.middle_name,
        member.last_name,
        member.nickname,
        member.email,
        *member.tags,
    ]
    found = [word for text in texts for word in words(text)]
    for phone in (member.phone, member.home_phone, member.work_phone):
        if phone:
            found += _phone_words(phone.partition(";")[0])
    return " ".join(dict.fromkeys(f"'{word}'" for word in found if word))


def _beginning(word: str) -> str:
    # Letters, their signs and digits: nothing in a word is an operator or a quotation mark.
    return f"'{word}':*"


def query_for(text: str) -> FinishedQuery | None:
    """The query for what somebody typed, every word a beginning; None when it holds no word.

    Of a long text the first words count.
    """
    text = text[:LONGEST_QUERY]
    if PHONE_LIKE.match(text):
        digits = "".join(c for c in text if c.isdigit())[:LONGEST_WORD]
        # Within a country numbers are written with a zero in front that their full form lacks.
        spellings = [spelling for spelling in dict.fromkeys([digits, digits.lstrip("0")]) if spelling]
        terms = [f"({' | '.join(map(_beginning, spellings))})"] if spellings else []
    else:
        terms = [_beginning(word) for word in words(text)[:MOST_WORDS]]
    return FinishedQuery(" & ".join(terms)) if terms else None
