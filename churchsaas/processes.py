"""The processes that an installation consists of, each as a command line and its environment.

Production: ``http_process`` for everything over WSGI, ``realtime_process`` for sockets and streams,
``worker_process`` for background jobs; the proxy in front splits by path (REALTIME_PATHS). The demo
runs ``realtime_process`` alone for both, and the worker.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What the proxy sends to the realtime process; everything else goes to the HTTP processes.
REALTIME_PATHS = ("/api/chat/ws/", "/api/notifications/stream")

# A process that has served for long holds the catalogue of every church it met, and so does each of
# its database connections; renewing it in turn gives that memory back.
LIFETIME_SECONDS = 6 * 3600
MEMORY_LIMIT_MEBIBYTES = 768
# Longer than any request, shorter than what init systems wait before they kill.
STOP_SECONDS = 25


@dataclass(frozen=True)
class Process:
    """One process to start: ``subprocess.Popen(arguments, env=os.environ | environment, cwd=ROOT)``.

    SIGTERM stops it and everything it started.
    """

    name: str
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    def full_environment(self) -> dict[str, str]:
        """The caller's environment with this process's own on top."""
        return {**os.environ, **self.environment}


def _granian(interface: str, target: str, *, host: str, port: int, options: list[str]) -> list[str]:
    # Started by module, so that it is the granian of this Python whatever PATH says.
    return [
        sys.executable, "-m", "churchsaas.startup", "granian", "--interface", interface,
        "--host", host, "--port", str(port), "--working-dir", str(ROOT),
        "--log-level", "warning", "--no-access-log",
        "--workers-kill-timeout", str(STOP_SECONDS),
        *options, target,
    ]  # fmt: skip


def http_process(*, host: str, port: int, processes: int = 1, threads: int = 4) -> Process:
    """HTTP over WSGI: ``processes`` (WEB_PROCESSES) of ``threads`` (WEB_THREADS) each.

    Each thread holds one database connection. Crashed processes are replaced.
    """
    options = [
        "--workers", str(processes),
        "--blocking-threads", str(threads),
        # A thread takes its database connection with it, so threads outlive a quiet spell.
        "--blocking-threads-idle-timeout", "600",
        "--respawn-failed-workers",
        "--workers-lifetime", str(LIFETIME_SECONDS),
        "--workers-max-rss", str(MEMORY_LIMIT_MEBIBYTES),
    ]  # fmt: skip
    return Process(
        name="http",
        arguments=_granian("wsgi", "churchsaas.wsgi:application", host=host, port=port, options=options),
        environment={"WEB_PROCESSES": str(processes)},
    )


def realtime_process(*, host: str, port: int) -> Process:
    """Sockets and streams over ASGI; it answers plain HTTP too, which is how the demo uses it.

    One process holds thousands of idle sockets; its database connections are a pool of
    DATABASE_POOL_SIZE.
    """
    options = ["--workers", "1", "--loop", "asyncio", "--respawn-failed-workers"]
    return Process(
        name="realtime",
        arguments=_granian("asginl", "churchsaas.asgi:application", host=host, port=port, options=options),
    )


def worker_process() -> Process:
    """Background jobs and the schedule; WORKER_PROCESSES of them at the same time."""
    return Process(
        name="worker",
        arguments=[sys.executable, str(ROOT / "manage.py"), "worker"],
    )


def production_processes(
    *, host: str, http_port: int, realtime_port: int, processes: int, threads: int
) -> list[Process]:
    """Everything ``make serve`` starts."""
    return [
        http_process(host=host, port=http_port, processes=processes, threads=threads),
        realtime_process(host=host, port=realtime_port),
        worker_process(),
    ]


def demo_processes(*, host: str, port: int) -> list[Process]:
    """Everything ``make demo`` starts beside the embedded PostgreSQL."""
    return [realtime_process(host=host, port=port), worker_process()]
