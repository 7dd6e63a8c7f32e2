"""Connection poolers and the search path.

A church is a search path on a connection. Whoever hands connections around (Django's psycopg pool,
PgBouncer) must not hand the path around with them.
"""

from __future__ import annotations

from typing import Any


def forget_church(connection: Any) -> None:
    """Empties the search path of a psycopg connection that goes back into the pool.

    Whoever takes it out sets its own; who reads past that finds no table at all.
    """
    connection.execute("SET search_path TO ''")
    if not connection.autocommit:
        connection.commit()
