"""Doing the same thing many times at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

Answer = TypeVar("Answer")


def at_once(*functions: Callable[[], Answer]) -> list[Answer]:
    """Answers of the functions, all started at the same moment, each in a thread of its own.

    Needs a database that others may write to: the fixture ``own_database``.
    """
    barrier = threading.Barrier(len(functions))

    def run(function: Callable[[], Answer]) -> Answer:
        try:
            barrier.wait()
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(functions)) as threads:
        return [future.result() for future in [threads.submit(run, function) for function in functions]]
