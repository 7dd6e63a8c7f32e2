"""Writing people into a file: CSV or XLSX, a thousand at a time.

The file is made on disk within the request and sent when it is whole. What is sent while it is being made
ends as half a file that looks like a whole one when something goes wrong, and would be read after the
request has left the church's schema.
"""

from __future__ import annotations

import csv
import io
import logging
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet

from accounts.models import User
from members.custom_fields.visibility import visible_fields
from members.importing.cells import escaped
from members.models import Member

from .columns import FIELDS, Cell, Column, columns_of
from .households import NOWHERE, homes_of

logger = logging.getLogger(__name__)

PEOPLE_IN_CHUNK = 1_000
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Excel's own limit of a cell.
LONGEST_CELL = 32_767


def export_people(
    queryset: QuerySet[Member], *, file_format: str, user: User, filters: Iterable[str] = ()
) -> IO[bytes]:
    """The people of ``queryset`` in its order, as an open file at its beginning.

    ``file_format`` is a key of ``FORMATS``; ``filters`` are the names of what the list was narrowed by, for
    the log, which holds nothing of the people.
    """
    columns = columns_of(visible_fields(user))
    # Closed, and so deleted, with the answer that sends it.
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    write = {"csv": _write_csv, "xlsx": _write_xlsx}[file_format]
    count = write(file, columns, _rows(queryset, columns))
    file.seek(0)
    logger.info(
        "people exported", extra={"people": count, "format": file_format, "filters": sorted(set(filters))}
    )
    return file


def _rows(queryset: QuerySet[Member], columns: list[Column]) -> Iterator[list[Cell]]:
    """One row of cells for each person; two queries for each chunk, whatever is in it.

    The ids are read first: whoever is added or changed meanwhile shifts no page.
    """
    ids = iter(list(queryset.values_list("pk", flat=True)))
    while chunk := list(islice(ids, PEOPLE_IN_CHUNK)):
        people: dict[Any, dict[str, Any]] = {
            person["id"]: person for person in Member.objects.filter(pk__in=chunk).order_by().values(*FIELDS)
        }
        homes = homes_of(chunk)
        for identifier in chunk:
            # Somebody may have been deleted since.
            if person := people.get(identifier):
                person["home"] = homes.get(identifier, NOWHERE)
                yield [column.value(person) for column in columns]


def _write_csv(file: IO[bytes], columns: list[Column], rows: Iterable[list[Cell]]) -> int:
    """UTF-8 with a byte order mark, by which Excel knows it; no cell is a formula."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text)
    writer.writerow([escaped(column.name) for column in columns])
    count = 0
    for row in rows:
        count += 1
        # A negative number is a number, not a formula.
        writer.writerow([escaped(cell) if isinstance(cell, str) else cell for cell in row])
    text.flush()
    text.detach()
    return count


def _write_xlsx(file: IO[bytes], columns: list[Column], rows: Iterable[list[Cell]]) -> int:
    """Row by row, so that the memory stays the same; every text is a text, whatever it looks like."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook = xlsxwriter.Workbook(file, options)
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 0)
    bold = workbook.add_format({"bold": True})
    for position, column in enumerate(columns):
        sheet.write_string(0, position, column.name, bold)
    count = 0
    for count, row in enumerate(rows, start=1):
        for position, cell in enumerate(row):
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(count, position, cell[:LONGEST_CELL])
            else:
                sheet.write_number(count, position, cell)
    workbook.close()
    return count
