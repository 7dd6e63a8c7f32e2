"""``python -m churchsaas.demo``, which ``make demo`` calls: everything on this machine, with two churches.

Starts the embedded PostgreSQL (unless DATABASE_URL names another), brings its tables up to date,
loads the demo data when it is empty, starts one process for pages, API and sockets and one for
background jobs, and prints where to go. Nothing that it started outlives it.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

import environ

from churchsaas.processes import ROOT, Process, demo_processes
from churchsaas.secrets import development_secrets
from churchsaas.supervision import RefusedError, Supervisor, answers, exit_status, require_free_port, say
from core.embedded_postgres import embedded_server, stop_embedded_server
from members.demo.churches import CHURCHES, PASSWORD, SUPERUSER

HOST = "127.0.0.1"
START_SECONDS = 60


# These three are read here and not through churchsaas.settings, which starts the embedded server
# when it is imported: nothing may start before port and directory are known to be free.
def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise RefusedError(f"PORT is “{text}”, which is no port. Choose one from 1 to 65535.")
    return int(text)


def _var_dir() -> Path:
    return ROOT / (os.environ.get("VAR_DIR") or "var")


def _base_domain() -> str:
    return os.environ.get("BASE_DOMAIN") or "localhost"


@contextmanager
def _only_demo(var_dir: Path) -> Iterator[None]:
    """Refuses a second demo on the same data."""
    var_dir.mkdir(parents=True, exist_ok=True)
    with (var_dir / "demo.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise RefusedError(
                f"A demo with its data in {var_dir} is running already (process {file.read().strip()}). "
                "Stop it, or set VAR_DIR and PORT for a second one."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _embedded_database_url(var_dir: Path, supervisor: Supervisor, cleanup: ExitStack) -> str:
    try:
        server: Any = embedded_server(var_dir / "postgres")
    except SubprocessError as error:
        # Ctrl-C in a terminal also reaches the programs that make and start a database.
        supervisor.raise_if_interrupted()
        raise RefusedError(f"PostgreSQL did not start; its log is {var_dir / 'postgres' / 'log'}.") from error
    cleanup.callback(stop_embedded_server, server)
    url: str = server.get_uri()
    return url


def _environment(var_dir: Path, database_url: str) -> dict[str, str]:
    """What all processes of the demo share.

    The secrets are those that ``manage.py`` makes up for itself in this checkout, so that it
    understands the demo's tokens and links, and the demo its.
    """
    secrets = {name: os.environ.get(name) or value for name, value in development_secrets(var_dir).items()}
    return {
        "DJANGO_SETTINGS_MODULE": "churchsaas.settings",
        "DATABASE_URL": database_url,
        "DEBUG": "off",
        "HTTPS": "off",
        **secrets,
    }


def _load_demo(environment: dict[str, str]) -> Process:
    arguments = [sys.executable, str(ROOT / "manage.py"), "load_demo", "--allow"]
    return Process(name="load_demo", arguments=arguments, environment=environment)


def _url(port: int, subdomain: str = "") -> str:
    host = f"{subdomain}.{_base_domain()}" if subdomain else _base_domain()
    return f"http://{host}" + ("" if port == 80 else f":{port}")


def welcome(port: int) -> str:
    """Every address and login of the demo, for people."""
    rows = [("Who", "Page", "Email", "Password")]
    rows.append(("Platform superuser", f"{_url(port)}/admin/", SUPERUSER, PASSWORD))
    for church in CHURCHES:
        rows.extend(
            (f"{church.name}: {role}", f"{_url(port, church.subdomain)}/admin/", email, PASSWORD)
            for role, email in church.accounts()
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    places = [
        f"  API of {church.name}: {_url(port, church.subdomain)}/api/docs "
        f"(description: {_url(port, church.subdomain)}/api/schema)"
        for church in CHURCHES
    ]
    return "\n".join(
        [
            "",
            "ChurchSaaS is running.",
            "",
            *(f"  {line.rstrip()}" for line in lines),
            "",
            *places,
            f"  Health: {_url(port)}/healthz and {_url(port)}/readyz",
            "",
            "  These accounts are for this demo alone: everybody can read their password here.",
            "  Ctrl-C stops everything. The data stays; the next `make demo` continues with it.",
            "",
        ]
    )


def _run() -> None:
    port, var_dir = _port(), _var_dir()
    supervisor = Supervisor(output=var_dir / "logs")
    supervisor.catch_signals()
    with ExitStack() as cleanup:
        cleanup.enter_context(_only_demo(var_dir))
        require_free_port(
            HOST, port, advice="Stop what uses it, or choose another, as in: make demo PORT=8010"
        )
        say("Starting PostgreSQL …")
        database_url = os.environ.get("DATABASE_URL") or _embedded_database_url(var_dir, supervisor, cleanup)
        # Stopped before PostgreSQL, which is what the processes talk to while they finish.
        cleanup.callback(supervisor.stop)
        cleanup.callback(say, "\nStopping …")
        environment = _environment(var_dir, database_url)
        say("Bringing its tables up to date and loading the demo's churches …")
        supervisor.run(_load_demo(environment))
        say("Starting web and worker …")
        for process in demo_processes(host=HOST, port=port):
            supervisor.start(Process(process.name, process.arguments, {**environment, **process.environment}))
        for path, what in (("/healthz", "Starting the web"), ("/readyz", "Starting the worker")):
            supervisor.wait_until(
                partial(answers, port, path, host=_base_domain()), seconds=START_SECONDS, what=what
            )
        say(welcome(port))
        supervisor.watch()


def main() -> int:
    """Runs until interrupted (status 0), or until something fails (status 1)."""
    environ.Env.read_env(ROOT / ".env", overwrite=False)
    return exit_status(_run)


if __name__ == "__main__":
    sys.exit(main())
