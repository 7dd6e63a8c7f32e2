"""Pages of a whole list, their statements made once a process.

Most pages that are asked for are those of a list without filters. The way from a queryset to its text
takes the ORM longer than PostgreSQL takes to answer, and gives the same text each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Count, IntegerField, QuerySet, Subquery, Value

# For each view; beyond it the statements of all its pages are made anew.
MOST_STATEMENTS = 500
# Pages beyond it are asked for so rarely that their statements are not worth keeping.
FARTHEST_EXPECTED = 10_000

Statement = tuple[str, tuple[Any, ...]]
BuildRows = Callable[[], QuerySet[Any, Any]]


def _statement(queryset: QuerySet[Any, Any]) -> Statement:
    compiler = queryset.query.get_compiler("default")
    text, parameters = compiler.as_sql()
    columns = [expression for expression, _sql, _alias in compiler.select]
    # A number of rows is a number as it comes.
    if compiler.get_converters([column for column in columns if not _is_number_of_rows(column)]):
        raise ImproperlyConfigured("A column needs conversion in Python; such a list cannot be fixed.")
    return text, tuple(parameters)


def _is_number_of_rows(column: Any) -> bool:
    return isinstance(column, (Count, RowsInAll))


def _ask(statement: Statement) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class FixedStatements:
    """The statements of one view's pages, kept for the life of the process.

    No text names a schema: each is right for every church.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._statements: dict[Any, Statement] = {}

    def get(self, key: Any, build: BuildRows) -> Statement:
        found = self._statements.get(key)
        if found is None:
            found = _statement(build())
            with self._lock:
                if len(self._statements) >= MOST_STATEMENTS:
                    self._statements.clear()
                self._statements[key] = found
        return found


class RowsInAll(Subquery):
    """How many rows there are, beside each of them; PostgreSQL counts once."""

    output_field = IntegerField()


class FixedRows:
    """What a paginator wants of a list: how many rows there are, and those from one place to another.

    ``build`` makes the queryset of tuples, with the expressions that it is handed as further columns; it
    is called where a statement is not known yet. ``shape`` tells apart querysets of the same view (the
    order, for one).
    """

    ordered = True

    def __init__(self, statements: FixedStatements, build: Callable[..., Any], shape: Any) -> None:
        self._statements = statements
        self._build = build
        self._shape = shape
        self._total: int | None = None
        self._read: dict[tuple[int, int], list[tuple[Any, ...]]] = {}

    def expect(self, start: int, stop: int) -> None:
        """Reads the rows of these places, which will be asked for, and their number in one statement."""
        if start >= FARTHEST_EXPECTED:
            return
        key = ("with total", self._shape, start, stop)
        rows = _ask(self._statements.get(key, lambda: self._with_total()[start:stop]))
        # Behind the last row there is none to say how many there are.
        if rows:
            self._total = int(rows[0][-1])
            self._read[start, min(stop, self._total)] = [row[:-1] for row in rows]

    def _counting(self) -> QuerySet[Any, Any]:
        whole = self._build().order_by().annotate(_fixed_count=Value(1)).values("_fixed_count")
        return whole.annotate(count=Count("*")).values_list("count")

    def _with_total(self) -> QuerySet[Any, Any]:
        total: QuerySet[Any, Any] = self._build(RowsInAll(self._counting()))
        return total

    def count(self) -> int:
        """How many rows there are."""
        if self._total is not None:
            return self._total
        rows = _ask(self._statements.get("count", self._counting))
        return int(rows[0][0]) if rows else 0

    def __getitem__(self, places: slice) -> list[tuple[Any, ...]]:
        if places.start >= places.stop:
            return []
        if (places.start, places.stop) in self._read:
            return self._read[places.start, places.stop]
        key = (self._shape, places.start, places.stop)
        return _ask(self._statements.get(key, lambda: self._build()[places]))
