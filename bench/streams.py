"""Many open streams of notifications on one realtime process: how soon an event is everywhere, what a
stream costs, and whether others are served meanwhile.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from accounts.models import LoginSession, User
from accounts.permissions import Role
from accounts.tokens import start_login
from bench import client, database, servers
from notifications.domain import notify
from tenants.context import enter_church
from tenants.models import Church

STREAMS = 500
EVENTS = 10
PATH = "/api/notifications/stream"


@dataclass
class Figures:
    """Times in milliseconds, memory in kilobytes."""

    memory: float = 0
    latencies: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    meanwhile: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def people(church: Church) -> list[tuple[User, str]]:
    """So many users of the church, each with a token; made where they are missing."""
    emails = [f"listener{number}@{church.subdomain}.example" for number in range(STREAMS)]
    with enter_church(church):
        known = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
        User.objects.bulk_create(
            User(tenant=church, email=email, role=Role.STAFF, password="!")
            for email in emails
            if email not in known
        )
        users = list(User.objects.filter(email__in=emails))
        LoginSession.objects.filter(user__in=users).delete()
        return [(user, start_login(user=user)["access"]) for user in users]


Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _open(port: int, host: str, token: str) -> Opened:
    # A writer that is let go closes its connection.
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(client.request_bytes(PATH, host, token).replace(b"application/json", b"text/event-stream"))
    status = await reader.readline()
    if b" 200 " not in status:
        raise client.UnexpectedAnswerError(status.decode())
    await reader.readuntil(b"event: unread")
    return reader, writer


async def _until_told(opened: Opened) -> float:
    reader, _writer = opened
    await reader.readuntil(b"event: notification")
    return time.perf_counter()


def _tell(church: Church, users: list[User], number: int) -> float:
    """Tells all of them one thing; from when on the time is counted."""
    data = {"file": "bench.csv", "broke_off": False, "created": number, "updated": 0, "failed": 0}
    started = time.perf_counter()
    with enter_church(church):
        notify(kind="members.import_finished", users=users, data=data)
    return started


def _memory(port: int) -> int:
    """Kilobytes held by the processes that listen on the port."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            words = (status.parent / "cmdline").read_bytes().split(b"\0")
            if str(port).encode() in words or _is_child_of(status, port):
                lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
                total += int(lines["VmRSS"].split()[0])
        except (OSError, KeyError):
            # It ended while it was looked at.
            continue
    return total


def _is_child_of(status: Path, port: int) -> bool:
    parent = status.read_text().split("PPid:\t", 1)[1].split("\n", 1)[0]
    return str(port).encode() in (Path("/proc") / parent / "cmdline").read_bytes().split(b"\0")


async def _measured(church: Church, port: int, listeners: list[tuple[User, str]]) -> Figures:
    figures = Figures()
    users = [user for user, _token in listeners]
    me = client.request_bytes("/api/auth/me", church.host, listeners[0][1])
    figures.alone = [await asyncio.to_thread(client.one, port, me) for _request in range(20)]
    before = _memory(port)
    streams = [await _open(port, church.host, token) for _user, token in listeners]
    await asyncio.sleep(2)
    figures.memory = (_memory(port) - before) / len(streams)
    for number in range(EVENTS):
        waiting = asyncio.gather(*(_until_told(opened) for opened in streams))
        told_at = await asyncio.to_thread(_tell, church, users, number)
        figures.meanwhile.append(await asyncio.to_thread(client.one, port, me))
        figures.latencies += [(at - told_at) * 1000 for at in await waiting]
    for _reader, writer in streams:
        writer.close()
    return figures


def measured(redis: str | None) -> Figures:
    """Figures of one process, with hints over Redis or, without one, over PostgreSQL."""
    from django.test import override_settings

    from churchsaas.settings.realtime import channel_layers

    church = database.church_with("thousand", 1_000)
    listeners = people(church)
    with ExitStack() as running:
        # This process tells what has happened, and so needs the same channel layer.
        running.enter_context(override_settings(CHANNEL_LAYERS=channel_layers(redis or "")))
        port = running.enter_context(servers.web(interface="asgi", REDIS_URL=redis or ""))
        return asyncio.run(_measured(church, port, listeners))


def report() -> list[tuple[str, str, str, float, str]]:
    """Lines for ``bench.__main__.line``."""
    lines = []
    with servers.redis() as redis:
        for name, address in (("PostgreSQL", None), ("Redis", redis)):
            if name == "Redis" and address is None:
                print("streams over Redis: not measured, redis-server is not installed")
                continue
            figures = measured(address)
            median, last = figures.percentile(0.5), figures.percentile(0.99)
            alone, meanwhile = statistics.median(figures.alone), max(figures.meanwhile)
            lines += [
                (
                    f"an event to {STREAMS} streams, {name}",
                    f"p99 {last:.0f} ms",
                    f"p50 {median:.0f} ms",
                    last / median,
                    "goal: p99 under 1,000 ms",
                ),
                (
                    "a request while it is sent out",
                    f"slowest {meanwhile:.0f} ms",
                    f"alone p50 {alone:.0f} ms",
                    meanwhile / alone,
                    "",
                ),
                ("memory of a stream", f"{figures.memory:.0f} kB", "goal 100 kB", figures.memory / 100, ""),
            ]
    return lines
