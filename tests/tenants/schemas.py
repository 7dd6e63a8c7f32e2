"""What lies in a database, seen past Django's models."""

from __future__ import annotations

import psycopg
from psycopg import sql


def church_schemas(url: str) -> set[str]:
    """Names of the schemas of churches that exist."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'church\\_%'"
        ).fetchall()
    return {name for (name,) in rows}


def registered_schemas(url: str) -> set[str]:
    """Names of the schemas that the table of churches knows."""
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT schema_name FROM tenants").fetchall()}


def rows_by_table(url: str, schema: str) -> dict[str, list[bytes]]:
    """Every row of every table of a schema as bytes, sorted; and where its sequences stand."""
    content: dict[str, list[bytes]] = {}
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]
        ).fetchall()
        for (table,) in tables:
            statement = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(schema, table))
            with connection.cursor().copy(statement) as copy:
                content[table] = sorted(b"".join(bytes(block) for block in copy).splitlines())
        sequences = connection.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = %s", [schema]
        ).fetchall()
        content["sequences"] = sorted(f"{name} {value}".encode() for name, value in sequences)
    return content
