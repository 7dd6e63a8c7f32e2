"""The judge of the crash test: a mail server in a process of its own that writes down what it took.

``python -m tests.automation.crash_mail_server PORT FILE``: a line for each mail that it accepted, with the
first part of its Message-ID, written before it says so. Some are put off at first, as servers do.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections import Counter
from email.parser import BytesHeaderParser
from typing import Any

from aiosmtpd.controller import Controller

from tests.services import HOST

# Of all attempts, and of one recipient: less often than a message is tried.
SHARE_PUT_OFF = 0.08
MOST_OFTEN = 2


class Judge:
    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._put_off: Counter[str] = Counter()

    def _puts_off(self, address: str) -> bool:
        if self._put_off[address] >= MOST_OFTEN or random.random() > SHARE_PUT_OFF / 2:
            return False
        self._put_off[address] += 1
        return True

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - the name aiosmtpd calls
        if self._puts_off(address):
            return "451 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name aiosmtpd calls
        if self._puts_off(envelope.rcpt_tos[0]):
            return "452 no room"
        headers = BytesHeaderParser().parsebytes(envelope.original_content)
        os.write(self._file, headers["Message-ID"].strip("<>").partition("@")[0].encode() + b"\n")
        return "250 kept"


if __name__ == "__main__":
    controller = Controller(Judge(sys.argv[2]), hostname=HOST, port=int(sys.argv[1]))
    controller.start()
    signal.sigwait({signal.SIGTERM})
    controller.stop()
