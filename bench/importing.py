"""What an import of 20,000 people costs: time, processor time and memory of a process of its own.

Run by ``python -m bench import``, which starts a process for each measurement, because the largest memory of
one cannot be measured again from the beginning.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import database
from tenants.models import Church

PEOPLE = 20_000
SUBDOMAIN = "importing"
FROM_EMPTY = {"plain", "trial", "import"}
# As a worker is given more than its share, so that one job works the whole file.
SECONDS = 3_600.0


def people_file(count: int) -> bytes:
    """A list as a church of that size has it: households of three, half of them with a phone."""
    text = io.StringIO()
    writer = csv.writer(text)
    header = "First Name,Last Name,Email,Mobile Phone,Address 1,City,Zip,Birthday,Family ID,Tags,Gender"
    writer.writerow(header.split(","))
    for number, member in enumerate(database.people(count)):
        writer.writerow(
            [
                member.first_name, member.last_name, member.email, member.phone if number % 2 else "",
                member.address["line1"], member.address["city"], member.address["postal_code"],
                member.birth_date, f"F{number // 3}", "; ".join(member.tags), "FM"[number % 2],
            ]
        )  # fmt: skip
    return text.getvalue().encode()


def _empty_church() -> Church:
    from members.models import Member, MemberImport
    from tenants.context import enter_church

    church = database.church_with(SUBDOMAIN, 0)
    with enter_church(church):
        Member.objects.all().delete()
        MemberImport.objects.all().delete()
    return church


def _plain(content: bytes) -> None:
    """The baseline: the same rows, read with ``csv`` and saved with ``bulk_create``, and nothing else."""
    from members.models import Member

    rows = csv.DictReader(io.StringIO(content.decode()))
    batch: list[Member] = []
    for row in rows:
        member = Member(
            first_name=row["First Name"], last_name=row["Last Name"], email=row["Email"],
            phone=row["Mobile Phone"], birth_date=row["Birthday"], household_key=row["Family ID"],
            address={"line1": row["Address 1"], "city": row["City"], "postal_code": row["Zip"]},
            tags=row["Tags"].split("; "), gender=row["Gender"],
        )  # fmt: skip
        member.refresh_search_document()
        batch.append(member)
        if len(batch) == 500:
            Member.objects.bulk_create(batch)
            batch = []
    Member.objects.bulk_create(batch)


def _imported(content: bytes, *, dry_run: bool) -> None:
    from members.importing.domain import start_import
    from members.importing.running import work_unfinished
    from members.models import MemberImport

    started = start_import(content=content, file_name="people.csv", dry_run=dry_run)
    work_unfinished(seconds=SECONDS)
    done = MemberImport.objects.get(pk=started.pk)
    # Invented people of one name who were born on one day are one person; there are a few.
    assert (done.status, done.failed) == ("done", 0), done.failure
    assert done.created > 0.99 * PEOPLE


def _undone() -> None:
    from members.importing.undo import ask_for_undo, work_undos
    from members.models import Member, MemberImport

    ask_for_undo(member_import=MemberImport.objects.get())
    work_undos(seconds=SECONDS)
    assert not Member.objects.exists()


def _exported() -> None:
    from accounts.models import User
    from members.exporting.files import export_people
    from members.models import Member

    user = User.objects.get(email=f"admin@{SUBDOMAIN}.example")
    export_people(Member.objects.all(), file_format="csv", user=user).close()


def _most_memory() -> float:
    """Megabytes that this process had at most. Not ``ru_maxrss``, which begins with the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(what: str, path: str) -> None:
    """Prints ``seconds``, ``processor`` (seconds of this process) and ``megabytes`` (at most)."""
    from tenants.context import enter_church

    content = Path(path).read_bytes()
    church = _empty_church() if what in FROM_EMPTY else database.church_with(SUBDOMAIN, 0)
    work: dict[str, Callable[[], None]] = {
        "plain": lambda: _plain(content),
        "trial": lambda: _imported(content, dry_run=True),
        "import": lambda: _imported(content, dry_run=False),
        "export": _exported,
        "undo": _undone,
    }
    started, processor = time.perf_counter(), time.process_time()
    with enter_church(church):
        work[what]()
    figures = {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - processor,
        "megabytes": _most_memory(),
    }
    print(json.dumps(figures))


def measured(what: str) -> dict[str, float]:
    """``measure`` in a process of its own."""
    program = f"import django; django.setup(); from bench.importing import measure; measure({what!r}, "
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(people_file(PEOPLE))
        file.flush()
        run = subprocess.run(
            [sys.executable, "-c", f"{program}{file.name!r})"], stdout=subprocess.PIPE, text=True, check=True
        )
    result: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return result
