"""Changes of single rows, their statement made once a process.

Where the same change is made of one row after another, the way from a queryset to its text takes the ORM
longer than PostgreSQL takes to make the change (as with lists: ``core.api.fixed_lists``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet
from django.db.models.sql.subqueries import UpdateQuery


class Given(Expression):
    """A value that is given when the statement is carried out, under this name; of the kind of ``field``."""

    def __init__(self, name: str, field: Any) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class FixedUpdate:
    """``run(**values)`` does what ``queryset.update(**changes)`` does, with a value for each ``Given``.

    ``build`` answers with queryset and changes, and is called once. The text names no schema: it is right for
    every church.
    """

    def __init__(self, build: Callable[[], tuple[QuerySet[Any], Mapping[str, Any]]]) -> None:
        self._build = build
        self._statement: tuple[str, tuple[Any, ...]] | None = None

    def run(self, **values: Any) -> int:
        """Makes the change; returns how many rows it found."""
        if self._statement is None:
            self._statement = self._compiled()
        text, parameters = self._statement
        with connection.cursor() as cursor:
            cursor.execute(text, [_value(parameter, values) for parameter in parameters])
            found: int = cursor.rowcount
        return found

    def _compiled(self) -> tuple[str, tuple[Any, ...]]:
        queryset, changes = self._build()
        query: Any = queryset.query.chain(UpdateQuery)
        query.add_update_values(dict(changes))
        text, parameters = query.get_compiler("default").as_sql()
        return text, tuple(parameters)


def _value(parameter: Any, values: Mapping[str, Any]) -> Any:
    if not isinstance(parameter, Given):
        return parameter
    return parameter.output_field.get_db_prep_value(values[parameter.name], connection)
