"""Countries as people write them, read to the two letters of ISO 3166."""

from __future__ import annotations

from functools import cache

from phonenumbers import SUPPORTED_REGIONS

from members.search import folded

LANGUAGES = ("en", "es", "fr", "de", "pt", "it", "nl")
ALSO_CALLED = {
    "usa": "US", "u s a": "US", "u s": "US", "united states of america": "US", "america": "US",
    "uk": "GB", "u k": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "republic of ireland": "IE", "can": "CA", "mex": "MX", "aus": "AU",
    "nzl": "NZ", "gbr": "GB", "deu": "DE", "republic of korea": "KR", "korea": "KR", "holland": "NL",
    "the netherlands": "NL", "czech republic": "CZ", "ivory coast": "CI", "burma": "MM",
}  # fmt: skip


@cache
def _codes() -> dict[str, str]:
    # Deferred: the names take some megabytes, and only an import with a column of countries needs them.
    from phonenumbers.geodata.locale import LOCALE_DATA

    codes: dict[str, str] = {}
    for code in sorted(SUPPORTED_REGIONS):
        names = LOCALE_DATA.get(code, {})
        for language in LANGUAGES:
            name = names.get(language, "")
            # "*aa" means: as in the language aa.
            name = names.get(name[1:], "") if name.startswith("*") else name
            if name:
                codes.setdefault(_plain(name), code)
    return codes | ALSO_CALLED | {code.lower(): code for code in SUPPORTED_REGIONS}


def _plain(name: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in folded(name)).split())


def country_code(name: str) -> str:
    """The ISO 3166 code for a country's name or code, or an empty text when it is not known."""
    return _codes().get(_plain(name), "")
