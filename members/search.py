"""Full-text search over a person: words of name, email, phone and tags, by their beginnings.

PostgreSQL's ``unaccent`` is an extension, and none may be needed. So the same function folds what
is stored and what is asked for: lower case, accents gone, split into words and digits. The folded
text is a column, ``to_tsvector('simple', …)`` of it the index.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from django.contrib.postgres.search import SearchQuery, SearchVector

if TYPE_CHECKING:
    from .models import Member

# Letters that Unicode does not take apart into a base and an accent.
UNDECOMPOSED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
WORDS = re.compile(r"[^\W_]+")
PHONE_LIKE = re.compile(r"^\s*\+?[\d\s().\-/]{3,}$")
LONGEST_QUERY = 200

VECTOR = SearchVector("search_document", config="simple")


def folded(text: str) -> str:
    """``text`` in lower case without accents: ``José Müßig`` gives ``jose mussig``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(UNDECOMPOSED)


def words(text: str) -> list[str]:
    return WORDS.findall(folded(text))


def _phone_words(phone: str) -> list[str]:
    digits = "".join(c for c in phone if c.isdigit())
    # With and without the country's code, and the last parts that people remember.
    return [digits[start:] for start in range(0, min(4, len(digits)))] + [digits[-7:], digits[-4:]]


def document_for(member: Member) -> str:
    """The words under which ``member`` is found, separated by spaces, each once."""
    texts = [
        member.first_name, member.middle_name, member.last_name, member.nickname, member.email, *member.tags
    ]
    found = [word for text in texts for word in words(text)]
    for phone in (member.phone, member.home_phone, member.work_phone):
        if phone:
            found += _phone_words(phone.partition(";")[0])
    return " ".join(dict.fromkeys(found))


def query_for(text: str) -> SearchQuery | None:
    """The query for what somebody typed, every word a beginning; None when it holds no word."""
    text = text[:LONGEST_QUERY]
    if PHONE_LIKE.match(text):
        digits = "".join(c for c in text if c.isdigit())
        terms = [digits] if digits else []
    else:
        terms = words(text)
    if not terms:
        return None
    # Words consist of letters and digits alone, so nothing in them is an operator.
    return SearchQuery(" & ".join(f"{term}:*" for term in terms), search_type="raw", config="simple")
