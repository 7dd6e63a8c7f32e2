"""What an uploaded file is called from then on."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

LONGEST_STEM = 120
# Slashes of both kinds were dealt with before; these mean something to Windows, shells or headers.
UNWANTED = frozenset('<>:"|?*;\\/')
# Devices, which Windows takes for the file of that name with any ending.
DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{kind}{number}" for kind in ("com", "lpt") for number in range(10))]
)
LONGEST_ENDING = 6


def safe_name(name: str, *, ending: str) -> str:
    """The last part of ``name`` without what could mislead, with the ``ending`` (``.png``) of what it is.

    Control characters and those that turn the direction of writing are taken out, so that what is read is
    what is there.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(" " if character.isspace() else character for character in last if _is_harmless(character))
    stem = " ".join(kept.split())
    suffix = PurePosixPath(stem).suffix
    if 1 < len(suffix) <= LONGEST_ENDING:
        stem = stem.removesuffix(suffix)
    stem = stem.strip(". ")[:LONGEST_STEM].rstrip(". ")
    if not stem:
        stem = "file"
    if stem.partition(".")[0].lower() in DEVICES:
        stem = f"_{stem}"
    return f"{stem}{ending}"


def _is_harmless(character: str) -> bool:
    # "C": control, format, surrogate, private use and unassigned.
    return character.isspace() or not (
        character in UNWANTED or unicodedata.category(character).startswith("C")
    )
