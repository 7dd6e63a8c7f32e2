"""The owner of processes, with processes that do not want to go."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.services import Server, wait_until

# Starts what its argument says in Python, and ends like make demo and make serve.
OWNER = """
import sys
from pathlib import Path
from churchsaas.processes import Process
from churchsaas.supervision import Supervisor, exit_status

def run():
    supervisor = Supervisor(output=Path(sys.argv[2]))
    supervisor.catch_signals()
    try:
        supervisor.start(Process("stubborn", [sys.executable, "-c", sys.argv[1]]))
        supervisor.watch()
    finally:
        supervisor.stop()

sys.exit(exit_status(run))
"""
DEAF = (
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True); "
)
WITH_CHILD = (
    f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {DEAF + 'time.sleep(99)'!r}]); "
)


def owner_of(servers: Callable[..., Server], tmp_path: Path, script: str) -> tuple[Server, int]:
    """The owner of a process that runs ``script``, and the process id that this wrote."""
    owner = servers([sys.executable, "-c", OWNER, script, str(tmp_path)])
    log = tmp_path / "stubborn.log"
    wait_until(lambda: log.exists() and log.read_text().endswith("\n"), what="the process to start")
    return owner, int(log.read_text().split()[0])


def test_a_second_signal_kills_what_does_not_hear_the_first(servers, tmp_path):
    owner, deaf = owner_of(servers, tmp_path, DEAF + "time.sleep(99)")
    owner.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    assert owner.process.poll() is None
    assert psutil.pid_exists(deaf)
    owner.process.send_signal(signal.SIGINT)
    assert owner.process.wait(10) == 0
    assert not psutil.pid_exists(deaf)


def test_what_a_process_leaves_behind_is_killed_with_it(servers, tmp_path):
    owner, grandchild = owner_of(servers, tmp_path, WITH_CHILD + "time.sleep(99)")
    owner.process.send_signal(signal.SIGTERM)
    assert owner.process.wait(10) == 0
    wait_until(lambda: not is_alive(grandchild), seconds=5, what="the end of the grandchild")


def test_a_process_that_ends_by_itself_is_named_with_its_last_words(servers, tmp_path):
    owner, grandchild = owner_of(servers, tmp_path, WITH_CHILD + "time.sleep(1); sys.exit('no bread left')")
    assert owner.process.wait(20) == 1
    assert re.search(r"stubborn ended with status 1\..*no bread left", owner.text(), re.S)
    wait_until(lambda: not is_alive(grandchild), seconds=5, what="the end of the grandchild")


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
