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


SHAPE = """
SELECT 'column', c.relname::text, a.attname::text,
       format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text
       || a.attidentity::text || a.attgenerated::text || a.attstorage::text || coalesce(l.collname, ''),
       coalesce(pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relkind IN ('r', 'v', 'm', 'p')
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), ''
FROM pg_constraint WHERE connamespace = to_regnamespace(%(schema)s)
UNION ALL
SELECT 'index', tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = %(schema)s
UNION ALL
SELECT 'sequence', sequencename, data_type::text, start_value::text || increment_by::text, ''
FROM pg_sequences WHERE schemaname = %(schema)s
UNION ALL
SELECT 'routine', proname, pg_get_functiondef(oid), '', ''
FROM pg_proc WHERE pronamespace = to_regnamespace(%(schema)s)
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid), ''
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND NOT tgisinternal
"""


def shape_of(url: str, schema: str) -> set[tuple[str, ...]]:
    """Every column, constraint, index, sequence, routine and trigger of a schema, without its name."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(SHAPE, {"schema": schema}).fetchall()
    return {tuple(part.replace(schema, "<schema>") for part in row) for row in rows}
