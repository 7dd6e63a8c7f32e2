"""A fresh clone of this repository in which commands run as for somebody who just got it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from churchsaas.processes import ROOT
from tests.services import free_port

# What this test run set for itself and a person's shell does not.
OWN_VARIABLES = re.compile(
    r"DATABASE_URL|REDIS_URL|DJANGO_|SECRET_KEY|FIELD_ENCRYPTION_KEYS|DEBUG|HTTPS|VAR_DIR|LOG_LEVEL|PORT$"
    r"|MAKE|MFLAGS|PYTEST_|COV_|VIRTUAL_ENV|CHURCHSAAS_|WEB_|WORKER_|TEST_POSTGRES_DIR|RATE_LIMIT"
)
FIRST_START_SECONDS = 90
SECOND_START_SECONDS = 15
STOP_SECONDS = 40


@dataclass
class Running:
    """A command that runs in a checkout, in a process group of its own."""

    process: subprocess.Popen[bytes]
    output: Path
    started: float = field(default_factory=time.monotonic)

    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_for_text(self, text: str, *, seconds: float) -> float:
        """Waits until the command has written ``text``; returns how many seconds after its start.

        ``seconds`` are those of an idle machine; on a busy one more are granted.
        """
        deadline = self.started + seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        while text not in self.text():
            status = self.process.poll()
            if status is not None or time.monotonic() > deadline:
                pytest.fail(f"no “{text}” (status {status}); it wrote:\n{self.text()}")
            time.sleep(0.1)
        return time.monotonic() - self.started

    def wait(self) -> int:
        """Exit status, once it has ended."""
        return self.process.wait(STOP_SECONDS)


class Checkout:
    """A clone below /tmp. Packages come from this test run's own environment (``VENV=…``), unless
    CLEAN_INSTALL=1 asks for a true first start, which installs them.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self._started: list[Running] = []
        self._clean_install = os.environ.get("CLEAN_INSTALL") == "1"

    def start(self, *command: str, **environment: str) -> Running:
        """Starts ``command`` in the checkout, as a terminal would: leader of its own group."""
        if command[0] == "make" and not self._clean_install:
            command = (*command, f"VENV={sys.prefix}")
        output = self.directory.parent / f"output-{len(self._started)}.txt"
        kept = {name: value for name, value in os.environ.items() if not OWN_VARIABLES.match(name)}
        with output.open("wb") as file:
            process = subprocess.Popen(
                command,
                cwd=self.directory,
                env={**kept, "PORT": str(self.port), **environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # A test run in the background ignores Ctrl-C, and so would what it starts.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread
            )
        running = Running(process, output)
        self._started.append(running)
        return running

    def alive(self) -> Running | None:
        """A command started here that still runs, if there is one."""
        return next((running for running in self._started if running.process.poll() is None), None)

    def processes(self) -> list[str]:
        """Command lines of all processes that work in or for this checkout, PostgreSQL's included."""
        return [line for _process, line in self._processes()]

    def process_of(self, text: str) -> int:
        """Id of the oldest process of this checkout whose command line contains ``text``."""
        found = [process for process, line in self._processes() if text in line]
        return int(min(found, key=lambda process: process.create_time()).pid)

    def _processes(self) -> list[tuple[psutil.Process, str]]:
        place = str(self.directory)
        found = []
        for process in psutil.process_iter():
            try:
                line = " ".join(process.cmdline())
                if place in line or process.cwd().startswith(place):
                    found.append((process, line))
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                # It has ended, or is a zombie, which holds nothing any more.
                continue
        return found

    def kill_everything(self) -> None:
        """Kills whatever still runs here."""
        for process, _line in self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        for running in self._started:
            running.wait()


@contextlib.contextmanager
def fresh_checkout() -> Iterator[Checkout]:
    """A clone of what is committed; removed at the end with all that still runs in it."""
    # Not pytest's own directory: its owner alone may enter that, and PostgreSQL has a user of its own.
    place = Path(tempfile.mkdtemp(prefix="churchsaas-"))
    subprocess.run(
        ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(place / "churchsaas")], check=True
    )
    checkout = Checkout(place / "churchsaas")
    try:
        yield checkout
    finally:
        checkout.kill_everything()
        shutil.rmtree(place)
