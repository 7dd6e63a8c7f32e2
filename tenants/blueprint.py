"""The statements that make a church's tables, kept after the first church of a process.

Migrating a new schema runs the whole history of the models through Python, each time to the same
end. So the first schema that a process makes is migrated while the statements that reach the
database are written down, and every further one gets these in one go. Nothing is kept outside the
process, so there is no stale template: other code is another process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.migrations import operations
from django.db.migrations.recorder import MigrationRecorder

# Statements that make tables, the same for every schema.
REPEATED = ("CREATE ", "ALTER ", "DROP ", "COMMENT ", "SET CONSTRAINTS ", "SELECT setval")
# Statements that belong to the one schema: looking around, transactions, the record of migrations.
LEFT_OUT = (
    "SELECT", "SHOW ", "SET search_path", "SAVEPOINT", "RELEASE SAVEPOINT",
    'INSERT INTO "django_migrations"',
)  # fmt: skip


@dataclass
class Blueprint:
    """Statements in their order, free of a schema's name, and the migrations that they stand for.

    ``is_repeatable`` is false when a statement was met of which it is not known that it would be the
    same for another schema.
    """

    statements: list[str] = field(default_factory=list)
    migrations: list[tuple[str, str]] = field(default_factory=list)
    is_repeatable: bool = True

    @contextmanager
    def written(self) -> Iterator[None]:
        """Writes down what happens on the connection within the block, in a schema that is new."""

        def write(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
            text = str(sql).strip()
            if text.startswith(REPEATED):
                self.statements.append(text.rstrip(";"))
                self.is_repeatable &= not params
            elif not text.startswith(LEFT_OUT):
                self.is_repeatable = False
            return execute(sql, params, many, context)

        with connection.execute_wrapper(write):
            yield
        self.migrations = list(
            MigrationRecorder(connection).migration_qs.order_by("id").values_list("app", "name")
        )

    def repeat(self) -> None:
        """Makes the same tables in the schema that the connection stands in."""
        with connection.cursor() as cursor:
            cursor.execute(";\n".join(self.statements))
        rows = MigrationRecorder(connection).migration_qs
        rows.bulk_create([rows.model(app=app, name=name) for app, name in self.migrations])


def runs_python(steps: Iterable[Any]) -> bool:
    """Whether one of these migration operations does in Python what may differ from time to time."""
    return any(
        isinstance(step, operations.RunPython) or runs_python(getattr(step, "database_operations", []))
        for step in steps
    )
