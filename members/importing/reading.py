"""From an uploaded file's bytes to its records: encoding, delimiter, rows.

Every problem of the file as a whole is a ValidationError with the key ``file``.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .known_headers import FIELD_OF_NAME, folded_column

LARGEST_FILE = 20 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 500
LONGEST_LINE = 1_000_000
# So far a title may stand above the names of the columns.
LINES_LOOKED_AT = 20

DELIMITERS = [",", ";", "\t", "|"]
# What people call the encodings that are told apart.
ENCODING_NAMES = {
    "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252", "mac_roman": "Mac OS Roman",
}  # fmt: skip
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# What no text has; a workbook, a picture or an archive is full of them.
CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
# Inside of words there are no signs, and after a small letter comes no capital with an accent.
ODD_IN_WORDS = re.compile(
    "(?<=[A-Za-z\u00c0-\u00ff])[\ufffd\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u2039\u2022\u02dc"
    "\u2122\u203a\u00a1-\u00a9\u00ab-\u00b9\u00bb-\u00bf\u00d7\u00f7\u221a\u2248\u2206\u25ca\u2044\u2202\u2211"
    "\u220f\u03c0\u222b\u03a9\u221e\u2264\u2265\u02d8-\u02dd\u02c7\u00af\u00b8\ufb01\ufb02\u0131\uf8ff]"
    "|(?<=[a-z])[\u00c0-\u00de\u0160\u0152\u017d\u0178]"
)
# Excel writes and reads this line before the header.
SEPARATOR_LINE = re.compile(r'^"?sep=([,;\t|])"?\s*$')


@dataclass(frozen=True)
class Layout:
    """How the file is written, and the names of its columns.

    ``header_row`` is the number of the header, counted as a spreadsheet counts its rows, from 1.
    """

    encoding: str
    delimiter: str
    header: list[str]
    header_row: int


def _problem(message: str) -> ValidationError:
    return ValidationError({"file": message})


def layout_of(content: bytes) -> Layout:
    """Finds out how ``content`` is written. Raises ValidationError."""
    if len(content) > LARGEST_FILE:
        raise _problem(_("The file is larger than 20 MB."))
    encoding = _encoding_of(content)
    if not content.decode(encoding).strip("\ufeff \t\r\n"):
        raise _problem(_("The file is empty."))
    delimiter = _delimiter_of(content, encoding)
    number, header = _header_of(content, encoding, delimiter)
    if len(header) > MOST_COLUMNS:
        raise _problem(_("The file has more than %(most)d columns.") % {"most": MOST_COLUMNS})
    return Layout(encoding, delimiter, header, number)


def _header_of(content: bytes, encoding: str, delimiter: str) -> tuple[int, list[str]]:
    """The record that names the columns, and its number: the first one, or below a title.

    What stands above it has a single cell, or no name that is known while a later record has two.
    """
    first: tuple[int, list[str]] | None = None
    for number, cells in islice(_records(content, encoding, delimiter), LINES_LOOKED_AT):
        header = [cell.strip("\ufeff").strip() for cell in cells]
        if not any(header):
            continue
        if _known_in(header) >= 2:
            return number, header
        if first is None or _filled(first[1]) == 1 < _filled(header):
            first = (number, header)
    if first is None:
        raise _problem(_("The file is empty."))
    return first


def _filled(cells: list[str]) -> int:
    return sum(bool(cell) for cell in cells)


def _known_in(cells: list[str]) -> int:
    """How many of ``cells`` are names of columns that are known."""
    return sum(folded_column(cell) in FIELD_OF_NAME for cell in cells)


def rows_of(content: bytes, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header as (number of the row, cells); rows without any text are left out."""
    for number, cells in _records(content, layout.encoding, layout.delimiter):
        if number > layout.header_row and any(cell.strip() for cell in cells):
            yield number, cells


def count_rows(content: bytes, layout: Layout) -> int:
    """How many rows there are; reads the file to its end. Raises ValidationError."""
    total = 0
    for _number, _cells in rows_of(content, layout):
        total += 1
        if total > MOST_ROWS:
            raise _problem(_("The file has more than %(most)s rows.") % {"most": f"{MOST_ROWS:,}"})
    return total


def _encoding_of(content: bytes) -> str:
    """A codec with which ``content`` can be decoded. Raises ValidationError for what is no text."""
    if content.startswith(b"PK\x03\x04"):
        raise _problem(_("This is a workbook or an archive, not CSV. Save the list as CSV (UTF-8)."))
    candidates = ["utf-8-sig", *_western(content)]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif content[1:200:2].count(0) > len(content[1:200:2]) // 2:
        candidates = ["utf-16-le"]
    elif content[0:200:2].count(0) > len(content[0:200:2]) // 2:
        candidates = ["utf-16-be"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig":
                _refuse_damaged_utf_8(content, error)
            continue
        if CONTROL_CHARACTERS.search(text):
            break
        return encoding
    raise _problem(_("The file is not text. Save the list as CSV (UTF-8)."))


def _western(content: bytes) -> list[str]:
    """Windows-1252 and Mac OS Roman, that first in which the letters make sense.

    Nearly any bytes can be read as either. In the wrong one accents become signs in the midst of words,
    or capitals at their ends: ``José`` of a Macintosh is ``JosŽ`` on Windows, and ``JosÈ`` the other way.
    """
    odd = {
        encoding: len(ODD_IN_WORDS.findall(content.decode(encoding, errors="replace")))
        for encoding in ("cp1252", "mac_roman")
    }
    return sorted(odd, key=odd.__getitem__)


def _refuse_damaged_utf_8(content: bytes, error: UnicodeDecodeError) -> None:
    """One bad byte in UTF-8 must not turn every accent of the file into two wrong letters."""
    text = content.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = sum(character > "\x7f" for character in text) - bad
    if good > bad:
        line = content.count(b"\n", 0, error.start) + 1
        raise _problem(_("Line %(line)d is not UTF-8 although the rest of the file is.") % {"line": line})


def _delimiter_of(content: bytes, encoding: str) -> str:
    """The delimiter that takes a line apart into the most names that are known; where none is, the one
    that takes most lines apart into the same number of cells.
    """
    with _text(content, encoding) as stream:
        lines: list[str] = []
        while len(lines) < LINES_LOOKED_AT and (line := stream.readline(LONGEST_LINE)):
            if line.strip("\ufeff \t\r\n"):
                lines.append(line.lstrip("\ufeff"))
    if stated := SEPARATOR_LINE.match(lines[0]):
        return stated[1]
    return max(DELIMITERS, key=lambda delimiter: _fitness(lines, delimiter))


def _fitness(lines: list[str], delimiter: str) -> tuple[int, float, int]:
    records = [_cells_of(line, delimiter) for line in lines]
    known = max(_known_in(cells) for cells in records)
    (cells, lines_alike), *_rest = Counter(map(len, records)).most_common(1)
    return known, (cells - 1) * lines_alike / len(lines), len(records[0])


def _cells_of(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        # Too long for one cell; reading the rows will say so.
        return []


def _text(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")


def _lines(stream: io.TextIOWrapper) -> Iterator[str]:
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise _problem(_("The file has a line of more than a million characters."))
        yield line


def _records(content: bytes, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """All records, numbered as a spreadsheet numbers its rows."""
    with _text(content, encoding) as stream:
        lines = _lines(stream)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        number = 0
        try:
            for cells in reader:
                if number == 0 and SEPARATOR_LINE.match(delimiter.join(cells).lstrip("\ufeff")):
                    continue
                number += 1
                yield number, cells
        except csv.Error as error:
            problem = _(
                "Line %(line)d: a quotation mark is not closed, or not doubled inside a quoted text,"
                " or a text is too long."
            )
            raise _problem(problem % {"line": reader.line_num}) from error
