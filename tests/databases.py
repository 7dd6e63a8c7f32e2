"""Databases of the tests: one migrated template a run, clones of it for everybody else."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from tests import world

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone{os.getpid()}")[:12]
TEMPLATE = f"churchsaas_template_{RUN}"
SERVER_URL = os.environ["DATABASE_URL"]


def url_of(name: str) -> str:
    """Connection string of the database ``name`` on the tests' server."""
    parts = urlsplit(SERVER_URL)
    return urlunsplit(parts._replace(path=f"/{name}"))


def _execute(*statements: sql.Composed) -> None:
    with psycopg.connect(SERVER_URL, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def drop(name: str) -> None:
    _execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def clone(name: str) -> None:
    """Makes the database ``name`` anew, as a copy of the template."""
    with _locked():
        drop(name)
        _execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
        )


@contextmanager
def _locked() -> Iterator[None]:
    path = Path(settings.VAR_DIR)
    path.mkdir(parents=True, exist_ok=True)
    with (path / "template.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def connect_to(name: str) -> None:
    """Points Django's connection at the database ``name``."""
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name
    connections["default"].set_schema_to_public()


def ensure_template() -> None:
    """Makes the template of this run, once; whoever comes second waits."""
    with _locked():
        with psycopg.connect(SERVER_URL, autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone()
            if found:
                return
            # A run that was killed leaves its databases; none of them can be in use by this one.
            stale = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'churchsaas\\_template\\_%'"
                " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a"
                " WHERE a.datname LIKE 'churchsaas\\_test\\_%')"
            ).fetchall()
        for (name,) in stale:
            drop(name)
        building = f"{TEMPLATE}_building"
        drop(building)
        _execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
        connect_to(building)
        call_command("migrate", verbosity=0, interactive=False)
        world.build()
        connections["default"].close()
        _execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(building), sql.Identifier(TEMPLATE)
            )
        )
