"""From an uploaded file's bytes to its records: encoding, delimiter, rows.

Every problem of the file as a whole is a ValidationError with the key ``file``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LARGEST_FILE = 20 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 500
LONGEST_LINE = 1_000_000

DELIMITERS = [",", ";", "\t", "|"]
# What no text has; a workbook, a picture or an archive is full of them.
CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
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
    for number, cells in _records(content, encoding, delimiter):
        header = [cell.strip("\ufeff").strip() for cell in cells]
        if any(header):
            if len(header) > MOST_COLUMNS:
                raise _problem(_("The file has more than %(most)d columns.") % {"most": MOST_COLUMNS})
            return Layout(encoding, delimiter, header, number)
    raise _problem(_("The file is empty."))


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
    candidates = ["utf-8-sig", "cp1252"]
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


def _refuse_damaged_utf_8(content: bytes, error: UnicodeDecodeError) -> None:
    """One bad byte in UTF-8 must not turn every accent of the file into two wrong letters."""
    text = content.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = sum(character > "\x7f" for character in text) - bad
    if good > bad:
        line = content.count(b"\n", 0, error.start) + 1
        raise _problem(_("Line %(line)d is not UTF-8 although the rest of the file is.") % {"line": line})


def _delimiter_of(content: bytes, encoding: str) -> str:
    """The delimiter that takes the header apart into the most columns."""
    with _text(content, encoding) as stream:
        line = stream.readline(LONGEST_LINE)
        while line and not line.strip("\ufeff \t\r\n"):
            line = stream.readline(LONGEST_LINE)
    line = line.lstrip("\ufeff")
    if stated := SEPARATOR_LINE.match(line):
        return stated[1]
    return max(DELIMITERS, key=lambda delimiter: _cells_in(line, delimiter))


def _cells_in(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter)))
    except csv.Error:
        # Too long for one cell; reading the rows will say so.
        return 0


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
