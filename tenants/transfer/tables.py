"""The rows of one schema, out and in, by PostgreSQL's COPY."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import sql


@dataclass(frozen=True)
class Sequence:
    """Where a sequence stands; ``last_value`` was handed out when ``is_called``."""

    name: str
    last_value: int
    is_called: bool


def use_plain_formats() -> None:
    """Makes dates, numbers and bytes look the same on every server, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL DateStyle TO 'ISO, YMD'; SET LOCAL IntervalStyle TO 'postgres';"
            " SET LOCAL TimeZone TO 'UTC'; SET LOCAL extra_float_digits TO 1;"
            " SET LOCAL bytea_output TO 'hex'; SET LOCAL statement_timeout TO 0"
        )


def columns_by_table(schema_name: str) -> dict[str, tuple[str, ...]]:
    """Every table of the schema with its columns, without those that PostgreSQL computes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE n.nspname = %s AND c.relkind = 'r'
              AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            GROUP BY c.relname ORDER BY c.relname
            """,
            [schema_name],
        )
        return {name: tuple(columns) for name, columns in cursor.fetchall()}


def sequences(schema_name: str) -> list[Sequence]:
    """Every sequence of the schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = %s AND c.relkind = 'S' ORDER BY c.relname
            """,
            [schema_name],
        )
        found = []
        for (name,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(schema_name, name))
            )
            found.append(Sequence(name, *cursor.fetchone()))
        return found


def set_sequences(schema_name: str, values: Iterable[Sequence]) -> None:
    """Lets each sequence go on where it stood."""
    with connection.cursor() as cursor:
        for sequence in values:
            name = sql.Identifier(schema_name, sequence.name).as_string()
            cursor.execute(
                "SELECT setval(%s::regclass, %s, %s)", [name, sequence.last_value, sequence.is_called]
            )


def _named(schema_name: str, table: str, columns: Iterable[str]) -> dict[str, sql.Composable]:
    return {
        "table": sql.Identifier(schema_name, table),
        "columns": sql.SQL(", ").join(sql.Identifier(column) for column in columns),
    }


def rows_out(schema_name: str, table: str, columns: Iterable[str]) -> Iterator[bytes]:
    """The table's rows in COPY's text format, one line each, in blocks of whole lines."""
    statement = sql.SQL("COPY (SELECT {columns} FROM {table}) TO STDOUT").format(
        **_named(schema_name, table, columns)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            yield bytes(block)


def rows_in(schema_name: str, table: str, columns: Iterable[str], blocks: Iterable[bytes]) -> int:
    """Adds rows as ``rows_out`` gave them; returns how many. Raises psycopg.Error."""
    statement = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(**_named(schema_name, table, columns))
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)
        count: int = cursor.rowcount
        return count


def empty(schema_name: str, table_names: Iterable[str]) -> None:
    """Removes what migrations put into the tables of a new schema."""
    tables = sql.SQL(", ").join(sql.Identifier(schema_name, name) for name in table_names)
    with connection.cursor() as cursor:
        # Rows of this transaction whose foreign keys were not looked at yet forbid TRUNCATE.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql.SQL("TRUNCATE {}").format(tables))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def check_foreign_keys() -> None:
    """Raises django.db.IntegrityError when a row points at one that does not exist."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def change_owner(schema_name: str, table: str, column: str, owner: Any) -> None:
    """Writes ``owner`` into the column of every row that has an owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("UPDATE {table} SET {column} = %s WHERE {column} IS NOT NULL").format(
                table=sql.Identifier(schema_name, table), column=sql.Identifier(column)
            ),
            [owner],
        )


def owners(schema_name: str, table: str, column: str) -> set[Any]:
    """The different values of the column."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT DISTINCT {column} FROM {table}").format(
                table=sql.Identifier(schema_name, table), column=sql.Identifier(column)
            )
        )
        return {value for (value,) in cursor.fetchall()}


def analyze(schema_name: str, table_names: Iterable[str]) -> None:
    """Tells the planner about rows that were just added."""
    with connection.cursor() as cursor:
        for name in table_names:
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema_name, name)))
