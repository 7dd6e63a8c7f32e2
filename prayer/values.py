"""What is typed into a prayer request, made clean: every text that comes from outside passes here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

LONGEST_TEXT = 10_000
LONGEST_TITLE = 255
LONGEST_NAME = 200
LONGEST_EMAIL = 255
LONGEST_CATEGORY = 50
LONGEST_DERIVED_TITLE = 60
# Signs that nobody sees and that could turn the text around them about.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def text(field: str, value: Any, *, longest: int = LONGEST_TEXT, required: bool = False) -> str:
    """``value`` with composed letters (NFC), plain line ends, no blanks around it and no control signs.

    Raises ValidationError (``field``).
    """
    clean = unicodedata.normalize("NFC", "" if value is None else str(value))
    clean = UNSEEN.sub("", clean.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if required and not clean:
        raise ValidationError({field: _("This is required.")})
    if len(clean) > longest:
        raise ValidationError({field: _("At most %(most)d characters.") % {"most": longest}})
    return clean


def line(field: str, value: Any, *, longest: int) -> str:
    """As ``text``, on one line."""
    return " ".join(text(field, value, longest=longest).split())


def email(value: Any) -> str:
    """A mail address, or nothing. Raises ValidationError (``email``)."""
    clean = line("email", value, longest=LONGEST_EMAIL)
    if clean:
        try:
            validate_email(clean)
        except ValidationError as error:
            raise ValidationError({"email": error.messages}) from error
    return clean


def title_of(description: str) -> str:
    """A title made of the first words of a text."""
    first = " ".join(description.partition("\n")[0].split())
    if len(first) <= LONGEST_DERIVED_TITLE:
        return first
    words = first[:LONGEST_DERIVED_TITLE].rpartition(" ")[0] or first[:LONGEST_DERIVED_TITLE]
    return f"{words.rstrip(' ,.;:–-')}…"


CLEANERS: dict[str, Callable[[Any], Any]] = {
    "description": lambda value: text("description", value, required=True),
    "title": lambda value: line("title", value, longest=LONGEST_TITLE),
    "testimony": lambda value: text("testimony", value),
    "category": lambda value: line("category", value, longest=LONGEST_CATEGORY).lower(),
    "name": lambda value: line("name", value, longest=LONGEST_NAME) or None,
    "email": lambda value: email(value) or None,
}


def cleaned(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` with its texts made clean. Raises ValidationError with everything that is wrong."""
    found: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in values.items():
        try:
            found[name] = CLEANERS[name](value) if name in CLEANERS else value
        except ValidationError as error:
            errors |= error.message_dict
    if errors:
        raise ValidationError(errors)
    return found
