"""A load generator that costs little: fixed bytes out, answers counted by their length.

It shares the machine with the server it measures, so it parses nothing but the status and the
length, and runs all connections on one selector.
"""

from __future__ import annotations

import selectors
import socket
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What a run gave. Times in milliseconds."""

    requests: int
    seconds: float
    median: float
    percentile_99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


class UnexpectedAnswerError(Exception):
    """An answer was not 200."""


def request_bytes(
    path: str, host: str, token: str = "", body: bytes = b"", method: str = "", cookie: str = ""
) -> bytes:
    """One HTTP/1.1 request that keeps the connection."""
    lines = [
        f"{method or ('POST' if body else 'GET')} {path} HTTP/1.1",
        f"Host: {host}",
        "Accept: application/json",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0

    def send(self, message: bytes) -> None:
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(message)

    def answer_complete(self) -> bool:
        """Reads what has arrived. Raises UnexpectedAnswerError."""
        self.received += self.socket.recv(262_144)
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise UnexpectedAnswerError(self.received[:600].decode(errors="replace"))
        start = head.lower().index(b"content-length:") + len(b"content-length:")
        return len(body) >= int(head[start:].split(b"\r\n", 1)[0])


def load(port: int, message: bytes, *, connections: int, seconds: float) -> Result:
    """Sends ``message`` over and over on ``connections`` for ``seconds``."""
    selector = selectors.DefaultSelector()
    opened = [_Connection(port) for number in range(connections)]
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    times: list[float] = []
    started = time.perf_counter()
    for connection in opened:
        connection.send(message)
    deadline, waiting = started + seconds, connections
    while waiting:
        for key, _events in selector.select(timeout=30):
            connection = key.data
            if not connection.answer_complete():
                continue
            now = time.perf_counter()
            times.append((now - connection.sent_at) * 1000)
            if now < deadline:
                connection.send(message)
            else:
                waiting -= 1
                selector.unregister(connection.socket)
    elapsed = time.perf_counter() - started
    for connection in opened:
        connection.socket.close()
    times.sort()
    return Result(len(times), elapsed, statistics.median(times), times[int(len(times) * 0.99) - 1])


def one(port: int, message: bytes) -> float:
    """Milliseconds of one request on a connection of its own."""
    connection = _Connection(port)
    connection.send(message)
    while not connection.answer_complete():
        pass
    milliseconds = (time.perf_counter() - connection.sent_at) * 1000
    connection.socket.close()
    return milliseconds
