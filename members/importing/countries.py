"""Countries as people write them, read to the two letters of ISO 3166."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from members.search import words

NAMES = Path(__file__).with_name("country_names.txt")
ALSO_CALLED = {
    "usa": "US", "u s a": "US", "u s": "US", "united states of america": "US", "america": "US",
    "uk": "GB", "u k": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "republic of ireland": "IE", "can": "CA", "mex": "MX", "aus": "AU",
    "nzl": "NZ", "gbr": "GB", "deu": "DE", "republic of korea": "KR", "korea": "KR", "holland": "NL",
    "the netherlands": "NL", "czech republic": "CZ", "ivory coast": "CI", "burma": "MM",
    "kosovo": "XK",
}  # fmt: skip


def _plain(name: str) -> str:
    return " ".join(words(name))


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for line in NAMES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, _, names = line.partition(" ")
            codes |= {_plain(name): code for name in [code, *names.split("|")]}
    return codes | ALSO_CALLED


def country_code(name: str) -> str:
    """The ISO 3166 code for a country's name or code, or an empty text when it is not known."""
    return _codes().get(_plain(name), "") if name else ""
