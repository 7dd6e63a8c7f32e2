"""What a file is, found by looking at its bytes; its name is not asked.

HTML, SVG and whatever else a browser would run are no kinds that are taken, and a file that is two things at
once is one of these or none: its ending and its type follow from what was found.
"""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

import filetype

BEGINNING = 8 * 1024
BLOCK = 256 * 1024
# Of the list of a packed document's parts; those of real ones are a hundredth of it.
LARGEST_DIRECTORY = 512 * 1024


@dataclass(frozen=True)
class Kind:
    """``content_type`` is what the file is served as, ``ending`` what its name ends in."""

    content_type: str
    ending: str

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


JPEG = Kind("image/jpeg", ".jpg")
PNG = Kind("image/png", ".png")
PDF = Kind("application/pdf", ".pdf")
TEXT = Kind("text/plain", ".txt")
# What is found -> what it is taken for. Images are made anew, so of theirs only the finding counts.
BY_SIGNATURE = {
    "image/jpeg": JPEG,
    "image/png": PNG,
    "image/apng": PNG,
    "image/gif": Kind("image/gif", ".gif"),
    "image/webp": Kind("image/webp", ".webp"),
    "application/pdf": PDF,
    "application/rtf": Kind("application/rtf", ".rtf"),
    "application/msword": Kind("application/msword", ".doc"),
    "application/vnd.ms-excel": Kind("application/vnd.ms-excel", ".xls"),
    "application/vnd.ms-powerpoint": Kind("application/vnd.ms-powerpoint", ".ppt"),
    "audio/mpeg": Kind("audio/mpeg", ".mp3"),
    "audio/mp4": Kind("audio/mp4", ".m4a"),
    "audio/ogg": Kind("audio/ogg", ".ogg"),
    "audio/x-wav": Kind("audio/x-wav", ".wav"),
    "audio/x-flac": Kind("audio/x-flac", ".flac"),
    "video/mp4": Kind("video/mp4", ".mp4"),
    "video/x-m4v": Kind("video/mp4", ".mp4"),
    "video/quicktime": Kind("video/quicktime", ".mov"),
}
_OFFICE = "application/vnd.openxmlformats-officedocument"
# The folder that a packed document of Microsoft's keeps its content in (ECMA-376).
OFFICE = {
    "word/": Kind(f"{_OFFICE}.wordprocessingml.document", ".docx"),
    "xl/": Kind(f"{_OFFICE}.spreadsheetml.sheet", ".xlsx"),
    "ppt/": Kind(f"{_OFFICE}.presentationml.presentation", ".pptx"),
}
# What the first member of an OpenDocument file says (OASIS OpenDocument 1.3, part 2, 3.3).
OPEN_DOCUMENT = {
    f"application/vnd.oasis.opendocument.{kind}": ending
    for kind, ending in (("text", ".odt"), ("spreadsheet", ".ods"), ("presentation", ".odp"))
}
TEXTS = {
    ".csv": Kind("text/csv", ".csv"),
    ".md": Kind("text/plain", ".md"),
    ".ics": Kind("text/plain", ".ics"),
    ".vcf": Kind("text/plain", ".vcf"),
}
_CONTROL = bytes({*range(32), 127} - set(b"\t\n\r\f"))
_MARKUP = (b"<html", b"<script", b"<svg", b"<!doctype", b"<?xml", b"<body", b"<iframe")


def kind_of(file: IO[bytes], *, name: str) -> Kind | None:
    """The kind of an open file, which stands at its beginning afterwards; None for one that is not taken.

    ``name`` chooses among kinds of text, all of which are harmless.
    """
    file.seek(0)
    beginning = file.read(BEGINNING)
    try:
        if beginning.startswith(b"PK\x03\x04"):
            return _packed(file)
        # Elsewhere than at the very start some readers take it for a PDF, and this does not.
        found = filetype.guess(beginning)
        # Two letters are some signatures: a text that begins with "BM" is no bitmap.
        known = BY_SIGNATURE.get(found.mime) if found is not None else None
        return known or _text(file, beginning, name)
    finally:
        file.seek(0)


def _packed(file: IO[bytes]) -> Kind | None:
    """A document that is an archive; None for other archives, and for one with macros in it."""
    if not _has_small_directory(file):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            said = b""
            if names and names[0] == "mimetype":
                with archive.open("mimetype") as member:
                    said = member.read(100)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        # What zipfile raises for damaged, cut off, encrypted and strangely packed archives.
        return None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    content_type = said.decode("ascii", "replace").strip()
    if content_type in OPEN_DOCUMENT:
        return Kind(content_type, OPEN_DOCUMENT[content_type])
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for folder, kind in OFFICE.items() if any(n.startswith(folder) for n in names)), None)


def _has_small_directory(file: IO[bytes]) -> bool:
    """Whether listing the archive costs little (PKWARE's APPNOTE, 4.3.16)."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 66_000))
    end = file.read()
    position = end.rfind(b"PK\x05\x06")
    file.seek(0)
    if position < 0 or len(end) < position + 22:
        return False
    directory_size: int = struct.unpack("<I", end[position + 12 : position + 16])[0]
    # The larger form, of which the end only says that there is one, is larger than any document.
    return directory_size <= LARGEST_DIRECTORY and b"PK\x06\x07" not in end[max(0, position - 20) : position]


def _text(file: IO[bytes], beginning: bytes, name: str) -> Kind | None:
    """Text in which nothing looks like markup or like a program; in any encoding that has ASCII in it."""
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<", b"#!", b"%!")) or any(tag in start for tag in _MARKUP):
        return None
    file.seek(0)
    while block := file.read(BLOCK):
        if len(block.translate(None, _CONTROL)) != len(block):
            return None
    return TEXTS.get(PurePosixPath(name).suffix.lower(), TEXT)
