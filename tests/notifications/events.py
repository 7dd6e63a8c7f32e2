"""Reading a stream of server-sent events as a browser does (WHATWG HTML, 9.2.6)."""

from __future__ import annotations

import json
import queue
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

STREAM = "/api/notifications/stream"


@dataclass(frozen=True)
class Event:
    name: str
    number: int
    content: Any


def events_in(text: str) -> list[Event]:
    """The events of a whole answer."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if "data" in lines:
            found.append(Event(lines["event"], int(lines["id"]), json.loads(lines["data"])))
    return found


def texts_in(events: list[Event]) -> list[str]:
    return [event.content["text"] for event in events if event.name == "notification"]


@dataclass
class Stream:
    """An open stream: a connection of its own, read by a thread of its own.

    ``last`` is the id of the last event, by which another connection goes on.
    """

    url: str
    headers: dict[str, str]
    host: str = "grace.localhost"
    path: str = STREAM
    last: int | None = None
    status: int = 0
    comments: int = 0
    is_open: bool = True
    events: queue.Queue[Event] = field(default_factory=queue.Queue)

    def __enter__(self) -> Stream:
        parts = urlsplit(self.url)
        self.connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
        headers = {"Host": self.host, "Accept": "text/event-stream", **self.headers}
        if self.last is not None:
            headers["Last-Event-ID"] = str(self.last)
        lines = [f"GET {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        self.connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.file = self.connection.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            continue
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        # Wakes the thread that reads.
        self.connection.close() if not self.is_open else self._shut()
        self.thread.join(10)
        self.file.close()
        self.connection.close()

    def _shut(self) -> None:
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _read(self) -> None:
        text = ""
        try:
            # The body comes in chunks, each with a line that says its length.
            while length := int(self.file.readline().strip() or b"0", 16):
                text += self.file.read(length).decode()
                self.file.readline()
                *blocks, text = text.split("\n\n")
                for block in blocks:
                    self._take(block)
        except (OSError, ValueError):
            # The connection is gone; what was not whole is not counted.
            return
        finally:
            self.is_open = False

    def _take(self, block: str) -> None:
        if block.startswith(":"):
            self.comments += 1
        for event in events_in(block):
            self.last = event.number
            self.events.put(event)

    def texts(self, count: int, seconds: float = 20) -> list[str]:
        """The texts of the next ``count`` notifications."""
        found: list[str] = []
        deadline = time.monotonic() + seconds
        while len(found) < count:
            try:
                event = self.events.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{count} notifications were to come, these did: {found}") from None
            found += texts_in([event])
        return found

    def wait_until_ended(self, seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds
        while self.is_open:
            assert time.monotonic() < deadline, "the stream is still open"
            time.sleep(0.02)
