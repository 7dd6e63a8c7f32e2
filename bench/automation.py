"""What messages cost: a tick with nothing to do, mail through a real server, and many who are enrolled."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from bench import database, servers
from bench.mail_loop import HTML, TEXT
from bench.mail_server import HOST
from tenants import due
from tenants.context import connection, enter_church
from tenants.models import Church, DueWork

CHURCHES = 5_000
SENDING_CHURCHES = 4
MAILS_OF_CHURCH = 500
WORKERS = 2
ENROLLED = 10_000
SUBDOMAIN = "sending"


def _milliseconds(work: Callable[[], object], runs: int = 50) -> float:
    times = []
    for _run in range(runs):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def idle_tick() -> tuple[float, float, int]:
    """Median milliseconds of a tick among 5,000 churches whose work lies ahead, and of an empty query; and
    how many queries the tick made.
    """

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    connection.set_schema_to_public()
    DueWork.objects.filter(due_at__lte=timezone.now()).delete()
    with transaction.atomic():
        ids = [uuid.uuid4() for _church in range(CHURCHES)]
        Church.objects.bulk_create(
            [
                Church(id=pk, schema_name=Church.schema_for(pk), name="Idle", subdomain=f"idle-{pk.hex}")
                for pk in ids
            ],
            batch_size=1_000,
        )
        ahead = timezone.now() + timedelta(hours=1)
        DueWork.objects.bulk_create(
            [DueWork(church_id=pk, kind="automation.messages", due_at=ahead) for pk in ids], batch_size=1_000
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE due_work")
        with CaptureQueriesContext(connection) as captured:
            due.tick()
        asked = [query for query in captured if "due_work" in query["sql"]]
        found = (_milliseconds(due.tick), _milliseconds(ask), len(asked))
        transaction.set_rollback(True)
    return found


@contextmanager
def _process(*arguments: str, **environment: str) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=servers.ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _rate(path: Path, count: int, seconds: float = 120) -> float:
    """Mails a second between the first and the last of ``count``."""
    deadline = time.monotonic() + seconds
    while len(times := path.read_text().splitlines()) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(times)} of {count} mails arrived.")
        time.sleep(0.1)
    moments = sorted(float(moment) for moment in times)
    return (len(moments) - 1) / (moments[-1] - moments[0])


def _plan_mails(church: Church) -> None:
    from automation.models import AutomatedMessage, BulkMail
    from automation.sending.planning import plan_messages
    from members.models import Member

    church.settings = {"quiet_hours": None}
    church.save()
    with enter_church(church), transaction.atomic():
        BulkMail.objects.all().delete()
        prepared = {"subject": "Hello {{ member.first_name }}", "body_html": HTML, "body_text": TEXT}
        mail = BulkMail.objects.create(subject="Hello", prepared=prepared, status="running")
        plan_messages(
            [
                AutomatedMessage(
                    recipient=person, bulk_mail=mail, message_type="email", scheduled_for=timezone.now()
                )
                for person in Member.objects.all()
            ]
        )


def sending() -> tuple[float, float]:
    """Mails a second of two workers, and of as many bare loops, through the same server."""
    churches = [
        database.church_with(f"{SUBDOMAIN}-{number}", MAILS_OF_CHURCH) for number in range(SENDING_CHURCHES)
    ]
    OrmQ.objects.all().delete()
    for church in churches:
        _plan_mails(church)
    count = SENDING_CHURCHES * MAILS_OF_CHURCH
    with tempfile.TemporaryDirectory() as folder:
        path, port = Path(folder) / "times", servers.free_port()
        path.touch()
        with _process("-m", "bench.mail_server", str(port), str(path)):
            servers.wait_for_port(port)
            loops = [
                subprocess.Popen(
                    [sys.executable, "-m", "bench.mail_loop", str(port), str(count // WORKERS)],
                    cwd=servers.ROOT,
                )
                for _loop in range(WORKERS)
            ]
            if any(loop.wait() for loop in loops):
                raise RuntimeError("A bare loop failed.")
            bare = _rate(path, count)
        path.write_text("")
        with (
            _process("-m", "bench.mail_server", str(port), str(path)),
            _process("manage.py", "worker", EMAIL_URL=f"smtp://{HOST}:{port}", WORKER_PROCESSES=str(WORKERS)),
        ):
            servers.wait_for_port(port)
            due.tick()
            return _rate(path, count), bare


def enrolling() -> tuple[float, float]:
    """Seconds to enrol 10,000 people, and to write as many bare rows of both tables."""
    from automation.enrolling.domain import enrol_many
    from automation.models import AutomatedMessage, EmailTemplate, Enrolment, Sequence
    from automation.sequences.domain import add_step, create_sequence, current_version
    from members.models import Member

    church = database.church_with("throng", 20_000)
    with enter_church(church), transaction.atomic():
        sequence = create_sequence(name="Welcome", trigger_event="manual")
        add_step(sequence=sequence, subject="Hello", body_html="<p>Hello</p>", delay_days=1)
        people = list(Member.objects.order_by("id")[:ENROLLED])
        started = time.perf_counter()
        assert enrol_many(sequence=sequence, members=people) == ENROLLED
        ours = time.perf_counter() - started
        template, version = EmailTemplate.objects.get(sequence=sequence), current_version(sequence)
        other = Sequence.objects.create(name="Bare", trigger_event="manual")
        started = time.perf_counter()
        enrolments = Enrolment.objects.bulk_create(
            [
                Enrolment(sequence=other, version=version, member=person, trigger_event="manual")
                for person in people
            ],
            batch_size=1_000,
        )
        AutomatedMessage.objects.bulk_create(
            [
                AutomatedMessage(
                    recipient=enrolment.member,
                    enrolment=enrolment,
                    template=template,
                    message_type="email",
                    scheduled_for=timezone.now(),
                )
                for enrolment in enrolments
            ],
            batch_size=1_000,
        )
        bare = time.perf_counter() - started
        transaction.set_rollback(True)
    return ours, bare
