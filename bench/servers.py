"""Servers of the benchmark: started on free ports of this machine, stopped at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Returns when a server answers there; raises when its process has ended, or after 30 seconds."""
    for _attempt in range(300):
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"A server ended at once with {process.returncode}.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"No server on port {port} after 30 seconds.")


@contextmanager
def _running(arguments: list[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen(
        arguments,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


@contextmanager
def web(
    *, interface: str = "wsgi", processes: int = 1, settings: str = "churchsaas.settings", **environment: str
) -> Iterator[int]:
    """The port of a web server with that many processes."""
    port = free_port()
    target = f"churchsaas.{interface}:application"
    arguments = [
        str(Path(sys.executable).parent / "granian"),
        *("--interface", interface, "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(processes), "--no-access-log", "--log-level", "error"),
    ]
    if interface == "wsgi":
        arguments += ["--blocking-threads", "2", "--no-ws"]
    with _running([*arguments, target], port, {"DJANGO_SETTINGS_MODULE": settings, **environment}):
        time.sleep(2.5)
        yield port


@contextmanager
def redis() -> Iterator[str | None]:
    """The address of a Redis server of our own, or None where redis-server is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    port = free_port()
    arguments = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with _running(arguments, port, {}):
        yield f"redis://127.0.0.1:{port}/0"
