"""No message is lost and none is sent twice, whatever is killed; the mail server's own list is the judge."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from automation.models import AutomatedMessage, Enrolment
from tenants import due
from tenants.context import enter_church
from tenants.domain import provision_church
from tenants.models import Church
from tests import services
from tests.automation.messages import enrolled, mail_to, people
from tests.own_server import crash

CHURCHES = 20
MESSAGES = 100
KILLS = 5
WORKERS = 2
ENVIRONMENT = {
    "WORKER_PROCESSES": "1",
    "LOG_LEVEL": "WARNING",
    # So that what a killed worker had in hand is found within seconds.
    "JOB_TIMEOUT": "3",
    "MESSAGE_LEASE": "4",
    "MESSAGE_RETRY": "1",
    "MESSAGES_AT_ONCE": "25",
}
# All that is under way comes to an end in that long after the last message was accepted.
SECONDS_TO_SETTLE = 60


def fill_churches() -> list[Church]:
    """Half of the churches write to many, the others take people through a sequence of two steps."""
    churches = list(Church.objects.all())
    with transaction.atomic():
        churches += [
            provision_church(name=f"Church {number}", subdomain=f"church-{number}")
            for number in range(CHURCHES - len(churches))
        ]
    Church.objects.update(settings={"quiet_hours": None})
    for number, church in enumerate(churches):
        with enter_church(church), transaction.atomic():
            if number % 2:
                mail_to(people(MESSAGES, address=f"{{}}@{church.subdomain}.example"))
            else:
                made = people(MESSAGES // 2, address=f"{{}}@{church.subdomain}.example")
                enrolled(made, steps=2, delay_days=0)
    return list(Church.objects.all())


def statuses(churches: list[Church]) -> dict[str, str]:
    """Message id -> status, of all churches."""
    found: dict[str, str] = {}
    for church in churches:
        with enter_church(church):
            found.update(
                (str(pk), status) for pk, status in AutomatedMessage.objects.values_list("pk", "status")
            )
    return found


class Turmoil:
    """Two workers, a judge that counts what was accepted, and the hand that kills."""

    def __init__(self, judged: Path, start_worker: Callable[[], services.Server]) -> None:
        self._judged = judged
        self._start = start_worker
        self.workers = [start_worker() for _worker in range(WORKERS)]

    def accepted(self) -> list[str]:
        return self._judged.read_text().splitlines() if self._judged.exists() else []

    def tick(self) -> None:
        """What the schedule does once a minute."""
        try:
            due.tick()
        except DatabaseError:
            # It is away, as the test wants it.
            connection.close()

    def wait_for(self, count: int, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while len(self.accepted()) < count:
            if time.monotonic() > deadline:
                pytest.fail(f"{len(self.accepted())} of {count} accepted: {self.workers[0].text()[-3000:]}")
            self.tick()
            time.sleep(0.1)

    def kill_one(self) -> None:
        number = random.randrange(WORKERS)
        self.workers[number].kill()
        self.workers[number] = self._start()


@pytest.fixture
def judge(servers, tmp_path) -> Iterator[tuple[int, Path]]:
    """Port of the mail server, and the file in which it keeps what it took."""
    port, path = services.free_port(), tmp_path / "accepted"
    server = servers([sys.executable, "-m", "tests.automation.crash_mail_server", str(port), str(path)])
    services.wait_until(lambda: services._listens(port), what="the mail server")
    yield port, path
    # It would wait for the clients that were killed.
    server.kill()


@pytest.mark.slow
def test_every_message_is_sent_once_or_unknown_whatever_is_killed(own_server, worker, judge):
    churches = fill_churches()
    port, path = judge
    environment = {**ENVIRONMENT, "EMAIL_URL": f"smtp://{services.HOST}:{port}"}
    turmoil = Turmoil(path, lambda: worker(own_server.get_uri(), environment=environment))
    total = CHURCHES * MESSAGES
    moments = sorted(random.sample(range(total // 20, total * 9 // 10), KILLS + 1))
    database_dies = random.randrange(len(moments))
    for number, moment in enumerate(moments):
        turmoil.wait_for(moment)
        if number == database_dies:
            crash(own_server)
            connection.close()
            own_server.start()
        else:
            turmoil.kill_one()

    deadline = time.monotonic() + SECONDS_TO_SETTLE
    while {"pending", "processing"} & set((found := statuses(churches)).values()):
        assert time.monotonic() < deadline, Counter(found.values())
        turmoil.tick()
        time.sleep(0.5)

    # Nobody waits for a worker to stop politely here.
    for killed in turmoil.workers:
        killed.kill()
    accepted = Counter(turmoil.accepted())
    assert len(found) == total
    assert set(accepted) <= set(found)
    assert max(accepted.values()) == 1
    outcomes = Counter((status, accepted[message]) for message, status in found.items())
    assert set(outcomes) <= {("sent", 1), ("unknown", 0), ("unknown", 1)}, outcomes
    # Each kill interrupts at most what one process was sending, and the crash what both were.
    # Twice as many, since a machine that is very busy may run into a lease.
    assert total - outcomes["sent", 1] <= 2 * (KILLS + WORKERS)
    for church in churches[::2]:
        with enter_church(church):
            assert not Enrolment.objects.filter(status="active").exists()
