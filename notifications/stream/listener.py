"""One open stream: in whose name, how far it has come, and what waits to be sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

HEARTBEAT = b": still here\n\n"
# A client that does not take this much is not read for until it has.
BYTES_WAITING = 65_536


@dataclass(frozen=True)
class SignIn:
    """Through what somebody listens: a login over the API, or a browser's session.

    ``ends_at`` (seconds since 1970) is when the token runs out by which the stream was opened; 0 for
    a browser's session, which its row alone ends.
    """

    user_id: UUID
    role: str
    session_id: UUID
    is_browser: bool
    ends_at: int = 0

    @property
    def has_run_out(self) -> bool:
        return bool(self.ends_at) and time.time() >= self.ends_at


@dataclass(eq=False)
class Listener:
    """``position`` is the number of the newest notification that was handed out, ``unread`` the count
    that the client knows.
    """

    church_id: UUID
    sign_in: SignIn
    position: int
    unread: int
    has_ended: bool = False
    # Something came while the client was not taking what there was.
    was_passed_over: bool = False
    _parts: list[bytes] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_full(self) -> bool:
        return sum(map(len, self._parts)) > BYTES_WAITING

    def put(self, part: bytes) -> None:
        """Has ``part`` sent."""
        self._parts.append(part)
        self._wake.set()

    def beat(self) -> None:
        """Has a comment sent, so that neither proxy nor client takes the stream for dead."""
        if not self._parts:
            self.put(HEARTBEAT)

    def end(self) -> None:
        """Ends the stream when what waits is sent."""
        self.has_ended = True
        self._wake.set()

    async def parts(self) -> AsyncIterator[bytes]:
        """What is to be sent, as it comes, until the end."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            parts, self._parts = self._parts, []
            if parts:
                yield b"".join(parts)
            if self.has_ended:
                return
