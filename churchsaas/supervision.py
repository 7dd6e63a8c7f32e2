"""Starts the processes of an installation together, watches them, and leaves none behind.

Every process gets a session (and so a process group) of its own: Ctrl-C in a terminal reaches the
supervisor alone, which then stops all of them in order, with everything that they started.
"""

from __future__ import annotations

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

from churchsaas.processes import ROOT, STOP_SECONDS, Process

POLL_SECONDS = 0.1
# A little longer than a process itself waits for what it started.
KILL_AFTER_SECONDS = STOP_SECONDS + 5
REMIND_SECONDS = 1
LAST_LINES = 20

_PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class RefusedError(Exception):
    """Nothing was started; the text says why and what to do."""


class InterruptedBySignal(Exception):  # noqa: N818 - nothing went wrong
    """Somebody asked for the end: Ctrl-C, SIGTERM, SIGHUP, or the end of the ``make`` around us."""


class ProcessEndedError(Exception):
    """A process ended that should run on, or ended with a failure; the text is for people."""


class NotReadyInTimeError(Exception):
    """What was waited for did not come about; the text is for people."""


@dataclass
class _Child:
    process: Process
    handle: subprocess.Popen[bytes]
    output: Path | None

    def last_lines(self) -> str:
        """The end of what the process wrote, and where all of it stands."""
        if self.output is None:
            return ""
        lines = self.output.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return "".join(f"\n    {line}" for line in lines) + f"\n  All of its output: {self.output}"

    def signal_group(self, number: int) -> bool:
        """Sends a signal to the process and all it started; whether there was anybody to get it."""
        try:
            os.killpg(self.handle.pid, number)
        except ProcessLookupError:
            return False
        except PermissionError:
            # macOS says so of a group in which only ended processes are left.
            return False
        return True


class Supervisor:
    """Owner of the processes of one installation.

    ``output``: directory for what each process writes, as ``<name>.log``; None lets them write to
    the supervisor's own standard error, for an init system to collect.
    """

    def __init__(self, *, output: Path | None = None) -> None:
        self._output = output
        self._children: list[_Child] = []
        self._interruptions = 0
        self._all_up = False
        # Whoever runs under make must end with it, also where make alone is told to.
        self._make = os.getppid() if "MAKELEVEL" in os.environ else 0

    def catch_signals(self) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP only ask for the end; see ``raise_if_interrupted``."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_interruption)

    def _note_interruption(self, number: int, frame: FrameType | None) -> None:
        self._interruptions += 1

    def raise_if_interrupted(self) -> None:
        """Raises InterruptedBySignal when the end was asked for."""
        if self._interruptions or (self._make and _is_ending(self._make)):
            raise InterruptedBySignal

    def start(self, process: Process) -> None:
        """Starts ``process``; it is stopped with the rest."""
        self._start(process)

    def run(self, process: Process) -> None:
        """Starts ``process`` and waits for its end. Raises ProcessEndedError when it fails."""
        child = self._start(process)
        while (status := child.handle.poll()) is None:
            self.raise_if_interrupted()
            time.sleep(POLL_SECONDS)
        self._children.remove(child)
        if status:
            raise ProcessEndedError(f"{process.name} failed with {_status_text(status)}.{child.last_lines()}")

    def wait_until(self, condition: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Returns when ``condition()`` is true.

        Raises NotReadyInTimeError after ``seconds``, and ProcessEndedError when a process ends.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            self._raise_if_one_ended()
            self.raise_if_interrupted()
            if time.monotonic() > deadline:
                raise NotReadyInTimeError(
                    f"{what} took more than {seconds:g} seconds."
                    + "".join(f"\n  {child.process.name}:{child.last_lines()}" for child in self._children)
                )
            time.sleep(POLL_SECONDS)

    def watch(self) -> NoReturn:
        """Raises InterruptedBySignal when the end is asked for, ProcessEndedError when a process ends."""
        self._all_up = True
        while True:
            self._raise_if_one_ended()
            self.raise_if_interrupted()
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Stops every process with all it started; a second interruption kills them at once."""
        for child in self._children:
            if child.handle.poll() is None:
                # To the process alone: it knows in which order to stop what it started.
                child.handle.terminate()
        before = self._interruptions
        started = reminded = time.monotonic()
        while any(child.handle.poll() is None for child in self._children):
            now = time.monotonic()
            if now - started > KILL_AFTER_SECONDS or self._interruptions > before:
                break
            if not self._all_up and now - reminded > REMIND_SECONDS:
                # granian does not hear SIGTERM while it starts, and nothing is at work that could be lost.
                reminded = now
                for child in self._children:
                    child.signal_group(signal.SIGTERM)
            time.sleep(POLL_SECONDS)
        for child in self._children:
            # Whatever is left of the group outlived the process that should have stopped it.
            child.signal_group(signal.SIGKILL)
            child.handle.wait()
        self._children.clear()

    def _start(self, process: Process) -> _Child:
        self.raise_if_interrupted()
        path = self._output / f"{process.name}.log" if self._output else None
        handle = _popen(process, path)
        child = _Child(process, handle, path)
        self._children.append(child)
        return child

    def _raise_if_one_ended(self) -> None:
        for child in self._children:
            status = child.handle.poll()
            if status is not None:
                raise ProcessEndedError(
                    f"{child.process.name} ended with {_status_text(status)}.{child.last_lines()}"
                )


def require_free_port(host: str, port: int, *, advice: str) -> None:
    """Raises RefusedError, with ``advice`` in its text, when something listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RefusedError(f"Port {port} cannot be used ({error.strerror}). {advice}") from error


def answers(port: int, path: str, *, host: str) -> bool:
    """Whether the process on this machine's ``port`` says 200 to ``path`` of the host name ``host``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def say(text: str) -> None:
    """Writes to the person who started the program, at once."""
    print(text, flush=True)  # noqa: T201 - talks to a person


def exit_status(run: Callable[[], None]) -> int:
    """Calls ``run``; 0 when it was interrupted, 1 (and the reason on standard error) when it failed."""
    try:
        run()
    except InterruptedBySignal:
        say("Stopped.")
    except (RefusedError, ProcessEndedError, NotReadyInTimeError) as error:
        print(f"\n{error}", file=sys.stderr, flush=True)  # noqa: T201 - talks to a person
        return 1
    return 0


def _popen(process: Process, output: Path | None) -> subprocess.Popen[bytes]:
    stream: IO[bytes] | None = None
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        stream = output.open("wb")
    try:
        return subprocess.Popen(
            process.arguments,
            env=process.full_environment(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=stream if stream else sys.stderr,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this program has one thread
        )
    finally:
        if stream:
            stream.close()


def _end_with_parent() -> None:
    """In a new process: be told to stop when the supervisor is killed and cannot do it (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _is_ending(make: int) -> bool:
    """Whether the ``make`` that started us is gone, or was interrupted and only waits for us.

    GNU make passes SIGTERM on, but not a SIGINT that it alone got; while it then waits, it blocks
    the signal, which Linux shows.
    """
    if os.getppid() != make:
        return True
    try:
        status = Path(f"/proc/{make}/status").read_text()
    except OSError:
        return False
    blocked = next((line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:")), "0")
    return bool(int(blocked, 16) >> (signal.SIGINT - 1) & 1)


def _status_text(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    return f"signal {signal.Signals(-status).name}"
