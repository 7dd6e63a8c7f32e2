"""How many parts a text message takes, and what it costs.

3GPP TS 23.038 has the alphabets: 7 bits a character for the signs of the basic table, twice that for those
of the extension table, and UCS-2 (16 bits) as soon as one sign stands in neither; signs beyond the basic
plane, emoji for one, take two such units (a surrogate pair). One part holds 140 octets: 160 or 70
characters, and 153 or 67 where there are several, each with a header that says which it is (TS 23.040,
9.2.3.24.1). A sign that takes two places does not go across the border of two parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.conf import settings

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True)
class Segments:
    """``characters`` are places of the alphabet, as the network counts them; ``cost`` is that of all parts
    in ``currency`` (ISO 4217), None and empty where no price is set.
    """

    parts: int
    characters: int
    encoding: Literal["GSM-7", "UCS-2"]
    cost: Decimal | None
    currency: str


def count(text: str) -> Segments:
    """What ``text`` takes to send to one person. An empty text takes no part."""
    is_gsm = all(sign in BASIC or sign in EXTENSION for sign in text)
    if is_gsm:
        sizes = [2 if sign in EXTENSION else 1 for sign in text]
        parts = _parts(sizes, alone=160, of_many=153)
    else:
        sizes = [2 if ord(sign) > 0xFFFF else 1 for sign in text]
        parts = _parts(sizes, alone=70, of_many=67)
    price = settings.SMS_PRICE
    return Segments(
        parts=parts,
        characters=sum(sizes),
        encoding="GSM-7" if is_gsm else "UCS-2",
        cost=price.amount * parts if price else None,
        currency=price.currency if price else "",
    )


def _parts(sizes: Iterable[int], *, alone: int, of_many: int) -> int:
    total, parts, room = 0, 1, of_many
    for size in sizes:
        total += size
        if size > room:
            parts, room = parts + 1, of_many
        room -= size
    if total == 0:
        return 0
    return 1 if total <= alone else parts
