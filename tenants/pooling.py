"""Connection poolers and the search path.

A church is a search path on a connection. Whoever hands connections around (Django's psycopg pool,
PgBouncer) must not hand the path around with them.
"""

from __future__ import annotations

import enum
import logging
import secrets
import select
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg import pq

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 30
# How long a pooler may let the second connection wait while the first one holds the only server.
ANSWER_SECONDS = 2.0
LOOKS = 8
MENDS = 500

LOOK = b"SELECT pg_backend_pid(), current_setting('search_path')"
SET_PATH = b"SELECT pg_backend_pid(), set_config('search_path', $1, false)"
# Takes the marked path away from whichever server runs the statement, and says whether it was there.
LOOK_AND_MEND = (
    b"SELECT pg_backend_pid(), current_setting('search_path'), CASE"
    b" WHEN current_setting('search_path') = $1 THEN set_config('search_path', $2, false) END"
)

REFUSAL = (
    "DATABASE_URL leads to a connection pooler that lends a server out for one transaction at a time "
    "without carrying the search path along: requests of one church would read another church's "
    "people. Set pool_mode = session in PgBouncer, or use PostgreSQL 18 with PgBouncer 1.20 or newer "
    "and track_extra_parameters = IntervalStyle, search_path; or connect to PostgreSQL directly."
)


class Pooling(enum.Enum):
    """What stands between a connection and its server process."""

    NONE = "each connection keeps a server process for itself"
    TRACKED = "server processes are shared, and the search path follows the connection"
    SHARED = "server processes are shared, and the search path stays behind"


@dataclass(frozen=True)
class Sighting:
    """What one statement met: sent by the connection that had set the marked path or by the other
    one, run by which server process, and whether the marked path was in force there."""

    by_setter: bool
    backend: int
    marked: bool


def forget_church(connection: Any) -> None:
    """Empties the search path of a psycopg connection that goes back into the pool.

    Whoever takes it out sets its own; who reads past that finds no table at all.
    """
    connection.execute("SET search_path TO ''")
    if not connection.autocommit:
        connection.commit()


def judge(sightings: Iterable[Sighting]) -> Pooling:
    """What the sightings prove."""
    seen = list(sightings)
    if any(sighting.marked != sighting.by_setter for sighting in seen):
        return Pooling.SHARED
    setters = {sighting.backend for sighting in seen if sighting.by_setter}
    others = {sighting.backend for sighting in seen if not sighting.by_setter}
    if len(setters) > 1 or len(others) > 1 or setters & others:
        return Pooling.TRACKED
    return Pooling.NONE


def refuse_shared_search_path(dsn: str) -> Pooling:
    """Finds out how ``dsn`` pools, and raises ImproperlyConfigured when churches would mix.

    Two connections are opened for some 15 milliseconds. One sets a search path; were the other, or
    the same one on another server, to see what it should not, the path is not the connection's own.
    Waits up to 30 seconds for a server that is starting, then raises psycopg.OperationalError.
    """
    with _Probe(dsn) as probe:
        pooling = judge(probe.sightings())
    if pooling is Pooling.SHARED:
        raise ImproperlyConfigured(REFUSAL)
    return pooling


class _Probe:
    """Two connections to the same place, one of which sets a path that means nothing to anybody."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._setter = _connect(dsn)
        self._original = _row(self._setter, LOOK)[1]
        # An unknown schema at the end is passed over, so that somebody who is lent the server in
        # between finds the tables that he always finds.
        name = f"churchsaas_probe_{secrets.token_hex(8)}".encode()
        self._marked = b", ".join(part for part in (self._original, name) if part)

    def __enter__(self) -> _Probe:
        return self

    def __exit__(self, *error: object) -> None:
        with closing(self._setter):
            self._mend()

    def sightings(self) -> Iterable[Sighting]:
        """Looks through both connections, until something is out of place or all looks are done."""
        seen = [Sighting(True, int(_row(self._setter, SET_PATH, self._marked)[0]), True)]
        # Twice the same one in a row: servers that are dealt out in turn then show at once.
        seen += [self._look_as_setter(), self._look_as_setter()]
        if judge(seen) is Pooling.SHARED:
            return seen
        with closing(_connect(self._dsn)) as other:
            for turn in range(LOOKS):
                answer = _row_or_none(other, LOOK_AND_MEND, self._marked, self._original)
                if answer is None:
                    # Nothing was free for the other one. It stands before us in the pooler's queue,
                    # so that when we are served the server must be ours alone.
                    return [*seen, self._look_as_setter()]
                seen.append(Sighting(False, int(answer[0]), answer[1] == self._marked))
                seen += [self._look_as_setter() for _ in range(1 + turn % 2)]
                if judge(seen) is Pooling.SHARED:
                    return seen
        return seen

    def _look_as_setter(self) -> Sighting:
        backend, path = _row(self._setter, LOOK)
        return Sighting(True, int(backend), path == self._marked)

    def _mend(self) -> None:
        """Takes the marked path away from the server that has it, wherever the pooler keeps it."""
        for _ in range(MENDS):
            row = _row(self._setter, LOOK_AND_MEND, self._marked, self._original)
            if row[1] == self._marked:
                return


def _connect(dsn: str) -> psycopg.Connection[Any]:
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            return psycopg.connect(dsn, autocommit=True)
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise
            logger.warning("PostgreSQL cannot be reached, trying again: %s", error)
            time.sleep(1)


def _row(connection: psycopg.Connection[Any], statement: bytes, *values: bytes) -> list[bytes]:
    row = _row_or_none(connection, statement, *values)
    if row is None:
        raise psycopg.OperationalError(f"The database did not answer within {ANSWER_SECONDS:g} seconds.")
    return row


def _row_or_none(connection: psycopg.Connection[Any], statement: bytes, *values: bytes) -> list[bytes] | None:
    """The only row of the answer, or None when there is none in time.

    Spoken through libpq: a pooler that has no server to give lets a statement wait for minutes, and
    psycopg's own calls would wait with it.
    """
    libpq = connection.pgconn
    libpq.send_query_params(statement, values)
    libpq.flush()
    deadline = time.monotonic() + ANSWER_SECONDS
    poll = select.poll()
    poll.register(libpq.socket, select.POLLIN)
    while libpq.is_busy():
        if not poll.poll(max(0, (deadline - time.monotonic()) * 1000)):
            return None
        libpq.consume_input()
    result = libpq.get_result()
    while libpq.get_result():
        continue
    if result is None or result.status != pq.ExecStatus.TUPLES_OK:
        reason = result.error_message if result else libpq.error_message
        raise psycopg.OperationalError(reason.decode(errors="replace"))
    return [result.get_value(0, column) or b"" for column in range(result.nfields)]
