"""Jobs that tests give to a real worker; each writes what it met as a line of a file."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection

from accounts.models import User
from members.models import Member
from tenants.context import current_church
from tenants.models import Church
from tenants.sockets import tell_sockets
from tenants.tasks import church_job


def write_line(path: str, line: str) -> None:
    # One write at the end of the file: lines of two processes do not mix.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@church_job
def write_church(*, path: str, number: int = 0, seconds: float = 0) -> None:
    """``<subdomain> <number> <domain of the people's addresses>``, read before and after a pause."""
    before = set(Member.objects.values_list("email", flat=True))
    time.sleep(seconds)
    emails = before | set(Member.objects.values_list("email", flat=True))
    domains = ",".join(sorted({email.partition("@")[2] for email in emails if email}))
    write_line(path, f"{current_church().subdomain} {number} {domains}")


@church_job
def tell(*, name: str, number: int) -> None:
    tell_sockets(name, {"type": "event", "number": number})


def look_around(path: str) -> None:
    """No church_job: writes for each table what a job that entered no church can read of it."""
    for model in (Member, User, Session, Church):
        try:
            line = f"{model.__name__} read {model.objects.count()}"
        except DatabaseError as error:
            line = f"{model.__name__} refused {type(error).__name__}"
        write_line(path, line)
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        write_line(path, f"path {cursor.fetchone()[0]}")
