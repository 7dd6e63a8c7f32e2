"""What stands in one cell of a list: several values in one, and texts that are no formulas.

Export and import share this, so that what the one writes the other reads back unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Spreadsheets take such cells for formulas (OWASP, CSV Injection); an apostrophe before them makes them
# text. A text that has apostrophes there already gets one more, so that taking one off is always right.
FORMULA = re.compile(r"^'*[=+\-@\t\r]")
ESCAPED_FORMULA = re.compile(r"^\s*'(?='*[=+\-@\t\r])")
SEPARATORS = ";,|\n"
ITEM = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?=[;,|\n]|$)|([^;,|\n]+)')


def escaped(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def without_escape(text: str) -> str:
    """``text`` without the apostrophe that ``escaped`` put before it."""
    # Nearly no cell has one.
    return ESCAPED_FORMULA.sub("", text) if "'" in text else text


def written_list(items: Iterable[str]) -> str:
    """``items`` in one cell: separated by semicolons, in quotes where one holds a separator."""
    return "; ".join(_quoted(item) if _needs_quotes(item) else item for item in items)


def _needs_quotes(item: str) -> bool:
    return item.startswith('"') or any(character in SEPARATORS for character in item)


def _quoted(item: str) -> str:
    doubled = item.replace('"', '""')
    return f'"{doubled}"'


def read_list(text: str) -> list[str]:
    """What ``written_list`` wrote; and lists as others write them, with any usual separator."""
    items = []
    for match in ITEM.finditer(text):
        quoted, plain = match.groups()
        items.append(plain if quoted is None else quoted.replace('""', '"'))
    return [item.strip() for item in items if item.strip()]
