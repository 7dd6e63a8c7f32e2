"""``python -m churchsaas.serve``, which ``make serve`` calls: the production arrangement on one machine.

WSGI processes for HTTP on PORT, one ASGI process for sockets and streams on REALTIME_PORT, and the
worker, on DATABASE_URL and REDIS_URL. The proxy in front (deploy/nginx.conf, deploy/Caddyfile)
splits by path. Named alone (``http``, ``realtime``, ``worker``), as in a container, a process takes
this one's place and nothing stands between it and the signals that are sent to it.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial

import environ
from django.core.exceptions import ImproperlyConfigured

from churchsaas.processes import ROOT, Process, http_process, realtime_process, worker_process
from churchsaas.supervision import (
    ProcessEndedError,
    RefusedError,
    Supervisor,
    answers,
    exit_status,
    require_free_port,
    say,
)

START_SECONDS = 60
PARTS = ("http", "realtime", "worker")


def _processes(host: str) -> dict[str, Process]:
    """The processes by name, as the environment wants them. Raises RefusedError."""
    if not os.environ.get("DATABASE_URL"):
        raise RefusedError(
            "DATABASE_URL is not set. It names the PostgreSQL of this installation; README.md lists "
            "the settings. To try the program without any, use `make demo`."
        )
    try:
        # Deferred: it checks the whole environment, and would start the embedded server above.
        from churchsaas.settings.environment import read

        return {
            "http": http_process(
                host=host,
                port=read("PORT"),
                processes=read("WEB_PROCESSES"),
                threads=read("WEB_THREADS"),
            ),
            "realtime": realtime_process(host=host, port=read("REALTIME_PORT")),
            "worker": worker_process(),
        }
    except ImproperlyConfigured as error:
        raise RefusedError(str(error)) from error


def _require_migrated(supervisor: Supervisor) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--check", "--verbosity", "0"]
    try:
        supervisor.run(Process(name="the check of migrations", arguments=command))
    except ProcessEndedError as error:
        raise RefusedError(
            f"{error} When the lines above name no other reason, migrations are due. Run them first:\n"
            f"  {sys.executable} manage.py migrate"
        ) from error


def _run_all(host: str) -> None:
    processes = _processes(host)
    # Deferred: see above.
    from churchsaas.settings.environment import read

    supervisor = Supervisor()
    supervisor.catch_signals()
    ports = {name: read(name) for name in ("PORT", "REALTIME_PORT")}
    for name, port in ports.items():
        require_free_port(host, port, advice=f"{name} in the environment chooses another.")
    try:
        _require_migrated(supervisor)
        for process in processes.values():
            supervisor.start(process)
        for name, port in ports.items():
            supervisor.wait_until(
                partial(answers, port, "/healthz", host=read("BASE_DOMAIN")),
                seconds=START_SECONDS,
                what=f"Starting the process on {name}",
            )
        say(
            f"ChurchSaaS serves HTTP on {host}:{ports['PORT']}, sockets and streams on "
            f"{host}:{ports['REALTIME_PORT']}; put the proxy of deploy/ in front."
        )
        supervisor.watch()
    finally:
        supervisor.stop()


def _become(process: Process) -> None:
    os.chdir(ROOT)
    os.execve(process.arguments[0], process.arguments, process.full_environment())  # noqa: S606 - our own command line, no shell


def main(arguments: list[str] | None = None) -> int:
    """Runs until interrupted (status 0), or until something fails (status 1)."""
    parser = argparse.ArgumentParser(prog="python -m churchsaas.serve", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="only this process; default: all of them")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    options = parser.parse_args(arguments)
    environ.Env.read_env(ROOT / ".env", overwrite=False)
    if options.part:
        return exit_status(lambda: _become(_processes(options.host)[options.part]))
    return exit_status(lambda: _run_all(options.host))


if __name__ == "__main__":
    sys.exit(main())
