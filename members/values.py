"""The form in which texts and addresses are kept, of people and of households alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST_ADDRESS_PART = 255


def one_line(value: Any) -> str:
    """Text without blanks around it and with single ones inside; letters composed (NFC)."""
    return " ".join(unicodedata.normalize("NFC", "" if value is None else str(value)).split())


def refuse_nul(text: str) -> None:
    """PostgreSQL has no NUL in text. Raises ValidationError."""
    if "\x00" in text:
        raise ValidationError(_("NUL characters are not allowed."))


def normalized_address(value: Mapping[str, Any]) -> dict[str, str]:
    """The parts of an address that say something, by name (``line1``, ``city`` …).

    Raises ValidationError.
    """
    clean = {str(part): one_line(text) for part, text in value.items()}
    for text in clean.values():
        if len(text) > LONGEST_ADDRESS_PART:
            raise ValidationError(_("At most %(most)d characters.") % {"most": LONGEST_ADDRESS_PART})
        refuse_nul(text)
    return {part: text for part, text in clean.items() if text}


def normalized_text(field: Any, value: Any) -> str:
    """One line of text that fits ``field``, a CharField of a model. Raises ValidationError."""
    text = one_line(value)
    if field.max_length and len(text) > field.max_length:
        raise ValidationError(_("At most %(most)d characters.") % {"most": field.max_length})
    if not text and not field.blank:
        raise ValidationError(_("This is required."))
    refuse_nul(text)
    return text
