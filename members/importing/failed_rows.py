"""The rows with errors as a file that can be mended and sent again as it is."""

from __future__ import annotations

import codecs
import csv
import io
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from members.models import MemberImport, MemberImportRow

from .cells import escaped
from .known_headers import FIELD_OF_NAME, folded_column
from .reports import described

ROWS_IN_QUERY = 1_000


def failed_rows_file(member_import: MemberImport) -> HttpResponse:
    """CSV: the columns of the file as they came, then ``Row`` and ``Problem``, whose names nobody maps.

    UTF-8 with a byte order mark, by which Excel knows it; texts that a spreadsheet would take for formulas
    are escaped, and read back without.
    """
    header = _header_of(member_import)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([escaped(name) for name in [*header, *_own_columns(header)]])
    failed = member_import.rows.filter(fate=MemberImportRow.Fate.FAILED).order_by("row")
    for row, cells, errors in failed.values_list("row", "cells", "errors").iterator(ROWS_IN_QUERY):
        padded = [*cells, *[""] * (len(header) - len(cells))]
        problem = described(errors)
        writer.writerow([escaped(cell) for cell in [*padded[: len(header)], str(row), problem]])
    answer = HttpResponse(codecs.BOM_UTF8 + text.getvalue().encode(), content_type="text/csv; charset=utf-8")
    name = quote(f"{member_import.file_name.rsplit('.', 1)[0]}-problems.csv")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


def _header_of(member_import: MemberImport) -> list[str]:
    """The names of all columns in the order of the file."""
    named = {column["position"]: column["column"] for column in member_import.columns}
    ignored = iter(member_import.ignored_columns)
    count = len(named) + len(member_import.ignored_columns)
    return [named[position] if position in named else next(ignored) for position in range(count)]


def _own_columns(header: list[str]) -> list[str]:
    """Names for our two columns that the file does not have itself and that mean no field."""
    taken = {folded_column(name) for name in header} | FIELD_OF_NAME.keys()
    return [
        next(n for n in (name, f"{name} (2)", f"{name} (3)") if folded_column(n) not in taken)
        for name in (_("Row"), _("Problem"))
    ]
