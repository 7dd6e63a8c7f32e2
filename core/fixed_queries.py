"""Queries whose shape never changes, compiled once a process.

Of the time that a small query takes, the ORM's way from a queryset to its text is the larger part.
What every request asks is worth asking without it; nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import QuerySet


class FixedQuery:
    """The queryset that ``build`` makes of its keyword arguments, for any values of them.

    ``samples`` gives one value for each argument, all different, in the form that the driver takes
    (UUID, datetime, text). ``rows`` answers the driver's own values, so the columns must be of types
    that need no conversion. Raises ImproperlyConfigured at first use when an argument does not reach
    the query or the samples cannot be told from its constants.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **samples: Any) -> None:
        self._build = build
        self._samples = samples
        self._compiled: tuple[str, list[str | None], list[Any]] | None = None

    def _compile(self) -> tuple[str, list[str | None], list[Any]]:
        statement, parameters = self._build(**self._samples).query.sql_with_params()
        names = [
            next((name for name, sample in self._samples.items() if sample == parameter), None)
            for parameter in parameters
        ]
        if {name for name in names if name} != set(self._samples):
            raise ImproperlyConfigured(f"Some of {sorted(self._samples)} do not reach the query.")
        return statement, names, list(parameters)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows for these values."""
        if self._compiled is None:
            self._compiled = self._compile()
        statement, names, constants = self._compiled
        parameters = [values[name] if name else constants[place] for place, name in enumerate(names)]
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
