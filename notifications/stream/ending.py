"""Hearing that the process is told to end, beside whoever runs it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def before_the_end(close: Callable[[], None]) -> None:
    """Has the running event loop call ``close`` when the process is told to end.

    The server waits for open answers, and has no way to say so to the application. Its own handlers stay:
    those of the event loop hear of a signal by another way (``signal.set_wakeup_fd``) than the handler
    that is set here, and one that was set this way is called.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        former = signal.getsignal(number)

        def heard(received: int, frame: FrameType | None, former: object = former) -> None:
            loop.call_soon_threadsafe(close)
            if callable(former):
                former(received, frame)

        signal.signal(number, heard)
