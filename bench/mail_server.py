"""A mail server that takes everything: ``python -m bench.mail_server PORT FILE`` notes when, in seconds."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"


class Taking:
    def __init__(self, path: str) -> None:
        self._file = Path(path).open("w", buffering=1)  # noqa: SIM115 - open as long as the server runs

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name aiosmtpd calls
        self._file.write(f"{time.time()}\n")
        return "250 kept"


if __name__ == "__main__":
    controller = Controller(Taking(sys.argv[2]), hostname=HOST, port=int(sys.argv[1]))
    controller.start()
    signal.sigwait({signal.SIGTERM})
    controller.stop()
