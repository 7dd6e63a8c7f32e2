"""How large churches are, for the platform's pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import ProgrammingError, connection, transaction
from psycopg import sql

# The table of a room above, which this one cannot import; its name is fixed.
PEOPLE_TABLE = "members"


@dataclass(frozen=True)
class Size:
    """``bytes_on_disk`` with indexes; ``people`` is None where there is no table of them."""

    bytes_on_disk: int
    people: int | None


def sizes_of(schema_names: Iterable[str]) -> dict[str, Size]:
    """The size of each schema that exists. Two queries, however many are asked for.

    ``people`` is None everywhere when a church is deleted at just this moment.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n.nspname::text,
                   coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint,
                   coalesce(bool_or(c.relname = %s), false)
            FROM pg_namespace n
            LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'm')
            WHERE n.nspname = ANY(%s)
            GROUP BY n.nspname
            """,
            [PEOPLE_TABLE, list(schema_names)],
        )
        found = cursor.fetchall()
        counts = _people([schema for schema, _bytes, has_people in found if has_people])
    return {schema: Size(size, counts.get(schema)) for schema, size, _has in found}


def _people(schema_names: list[str]) -> dict[str, int]:
    if not schema_names:
        return {}
    statements = [
        sql.SQL("SELECT {name}, count(*) FROM {table}").format(
            name=sql.Literal(schema), table=sql.Identifier(schema, PEOPLE_TABLE)
        )
        for schema in schema_names
    ]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.SQL(" UNION ALL ").join(statements))
            return dict(cursor.fetchall())
    except ProgrammingError:
        # A church was deleted since its tables were looked up.
        return {}
