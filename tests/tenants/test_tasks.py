"""Background jobs: each in its church, none lost, none after its church is suspended."""

from __future__ import annotations

import signal
import time
from collections import Counter
from datetime import timedelta

import psutil
import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task
from django_q.tasks import async_task

from accounts.models import LoginSession
from core.health import NotReadyError
from core.models import IdempotencyKey
from tenants import jobs
from tenants.context import NoChurchError, enter_church, outside_churches
from tenants.domain import suspend_church
from tenants.models import Church, WorkerHeartbeat
from tenants.signals import church_swept
from tenants.tasks import UnwrappedJobError, enqueue
from tests.services import wait_until
from tests.tenants.jobs_for_tests import lines_of, look_around, write_church


def church(subdomain: str) -> Church:
    return Church.objects.get(subdomain=subdomain)


def test_only_wrapped_jobs_are_queued_and_only_inside_a_church(grace):
    with pytest.raises(NoChurchError):
        enqueue(write_church, path="x")
    with enter_church(grace):
        with pytest.raises(UnwrappedJobError):
            enqueue(look_around, path="x")
        with pytest.raises(TypeError, match="timeout"):
            enqueue(write_church, timeout=3)
    assert OrmQ.objects.count() == 0


@pytest.mark.slow
def test_jobs_of_two_churches_in_one_worker_stay_in_their_church(own_database, worker, tmp_path):
    path = tmp_path / "lines"
    for number in range(20):
        for subdomain in ("grace", "hope"):
            with enter_church(church(subdomain)):
                enqueue(write_church, path=str(path), number=number, seconds=0.01)
    worker(own_database, environment={"WORKER_PROCESSES": "1"})
    wait_until(lambda: len(lines_of(path)) == 40, what="40 jobs")
    assert Counter(lines_of(path)) == Counter(
        f"{subdomain} {number} {subdomain}.example" for subdomain in ("grace", "hope") for number in range(20)
    )


@pytest.mark.slow
def test_a_job_that_enters_no_church_reads_nothing(own_database, worker, tmp_path):
    """Not even what stands in the public schema too, and not what the job before it entered."""
    before, path = tmp_path / "before", tmp_path / "lines"
    with enter_church(church("grace")):
        enqueue(write_church, path=str(before))
    async_task(f"{look_around.__module__}.{look_around.__qualname__}", str(path))
    server = worker(own_database, environment={"WORKER_PROCESSES": "1"})
    wait_until(lambda: len(lines_of(path)) == 5, what="the job")
    assert lines_of(before) == ["grace 0 grace.example"]
    assert lines_of(path) == [
        "Member refused ProgrammingError",
        "User refused ProgrammingError",
        "Session refused ProgrammingError",
        "Church refused ProgrammingError",
        "path no_church_entered",
    ]
    # What the worker writes afterwards about its own state goes to the platform's tables.
    wait_until(lambda: OrmQ.objects.count() == 0, what="an empty queue")
    assert "Traceback" not in server.text()


@pytest.mark.slow
def test_jobs_of_a_suspended_church_do_nothing(own_database, worker, tmp_path):
    path = tmp_path / "lines"
    for subdomain in ("grace", "hope"):
        with enter_church(church(subdomain)):
            for number in range(3):
                enqueue(write_church, path=str(path), number=number)
    suspend_church(church=church("hope"))
    worker(own_database)
    wait_until(lambda: OrmQ.objects.count() == 0, what="an empty queue")
    assert sorted(lines_of(path)) == [f"grace {number} grace.example" for number in range(3)]
    assert Task.objects.count() == 0


@pytest.mark.slow
def test_a_killed_worker_loses_no_job(own_database, worker, tmp_path):
    path = tmp_path / "lines"
    count = 30
    with enter_church(church("grace")):
        for number in range(count):
            enqueue(write_church, path=str(path), number=number, seconds=0.05)
    # Lost jobs are handed out again after three times this long.
    environment = {"JOB_TIMEOUT": "2", "WORKER_PROCESSES": "2"}
    for after in (5, 12):
        server = worker(own_database, environment=environment)
        wait_until(lambda: len(lines_of(path)) >= after, what="some jobs")  # noqa: B023 - called before the loop goes on
        server.kill()
    assert len(lines_of(path)) < count
    worker(own_database, environment=environment)
    wait_until(lambda: OrmQ.objects.count() == 0, what="an empty queue")
    numbers = Counter(line.split()[1] for line in lines_of(path))
    assert set(numbers) == {str(number) for number in range(count)}
    # At least once: what the two killed workers had under way, or had not yet reported, ran again.
    assert sum(numbers.values()) <= count + 2 * 4


@pytest.mark.slow
def test_sigterm_lets_a_job_finish_and_leaves_no_process(own_database, worker, tmp_path):
    path = tmp_path / "lines"
    with enter_church(church("grace")):
        enqueue(write_church, path=str(path), seconds=2)
    server = worker(own_database)
    processes = processes_below(server)
    wait_until(lambda: OrmQ.objects.filter(lock__gt=timezone.now()).exists(), what="the start of the job")
    # It sleeps for two seconds from about now.
    time.sleep(0.5)
    assert lines_of(path) == []
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0
    assert lines_of(path) == ["grace 0 grace.example"]
    assert not [process for process in processes if process.is_running()]


@pytest.mark.slow
def test_a_killed_main_process_takes_the_others_with_it(own_database, worker):
    server = worker(own_database)
    processes = processes_below(server)
    server.process.kill()
    wait_until(lambda: not any(process.is_running() for process in processes), seconds=5, what="their end")


def processes_below(server) -> list[psutil.Process]:
    """All that a worker has started, once it is complete: the guard, two workers, monitor and pusher."""
    main = psutil.Process(server.process.pid)
    wait_until(lambda: len(main.children(recursive=True)) == 5, what="the worker's processes")
    return main.children(recursive=True)


@pytest.mark.slow
def test_readyz_knows_whether_a_worker_is_alive(own_database, web, worker):
    server = web(own_database)
    answer = server.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "worker": "failed"}
    worker(own_database)
    wait_until(lambda: server.get("/readyz").status_code == 200, what="a beat of the worker")
    assert server.get("/readyz").json()["checks"] == {"database": "ok", "worker": "ok"}


@pytest.mark.slow
def test_a_worker_that_has_much_to_do_is_alive(own_database, worker, tmp_path):
    with enter_church(church("grace")):
        for number in range(4):
            enqueue(write_church, path=str(tmp_path / "lines"), number=number, seconds=30)
    server = worker(own_database)
    wait_until(lambda: OrmQ.objects.filter(lock__gt=timezone.now()).count() >= 2, what="busy processes")
    wait_until(WorkerHeartbeat.objects.exists, what="a beat of the worker")
    jobs.check_worker()
    server.kill()


@pytest.mark.slow
def test_a_worker_outlives_the_loss_of_its_connections(own_database, worker, tmp_path):
    path = tmp_path / "lines"
    server = worker(own_database)
    processes_below(server)
    with enter_church(church("grace")):
        enqueue(write_church, path=str(path), number=1)
        wait_until(lambda: lines_of(path), what="a job")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert cursor.fetchone()[0] >= 2
        enqueue(write_church, path=str(path), number=2)
    wait_until(lambda: len(lines_of(path)) == 2, what="the job after that")
    assert server.process.poll() is None


def test_a_silent_worker_is_not_alive(db):
    jobs.beat()
    jobs.check_worker()
    WorkerHeartbeat.objects.update(beat_at=timezone.now() - jobs.SILENCE_ALLOWED - timedelta(seconds=1))
    with pytest.raises(NotReadyError):
        jobs.check_worker()


def test_planning_twice_plans_once(db):
    jobs.schedule_platform_jobs()
    planned = list(Schedule.objects.order_by("name").values_list("func", "next_run"))
    assert [function for function, _next_run in planned] == [jobs.SWEEP, jobs.TICK]
    jobs.schedule_platform_jobs()
    assert list(Schedule.objects.order_by("name").values_list("func", "next_run")) == planned


def test_the_sweep_deletes_what_has_expired_in_every_active_church(grace, hope, user, tokens):
    past = timezone.now() - timedelta(days=2)
    tomorrow = timezone.now() + timedelta(days=1)

    def fill() -> None:
        Session.objects.create(session_key="old", expire_date=past)
        Session.objects.create(session_key="new", expire_date=tomorrow)

    fill()
    for actor, home in (("bob", grace), ("carol", hope)):
        with enter_church(home):
            fill()
            for key in ("old", "new"):
                IdempotencyKey.objects.create(scope="s", key=key, fingerprint="f")
            IdempotencyKey.objects.filter(key="old").update(created_at=past)
        tokens(actor)
        tokens(actor)
        with enter_church(home):
            old = LoginSession.objects.first()
            LoginSession.objects.filter(pk=old.pk).update(expires_at=past)
    suspend_church(church=hope)

    jobs.sweep()
    with outside_churches():
        assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
        [queued] = [entry.task for entry in OrmQ.objects.all()]
    assert (queued["func"], queued["args"]) == (jobs.SWEEP_CHURCHES, ([str(grace.id)],))
    jobs.sweep_churches([str(grace.id), str(hope.id)])
    with enter_church(grace):
        assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
        assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
        assert LoginSession.objects.count() == 1
    with enter_church(hope, even_suspended=True):
        assert Session.objects.count() == 2
        assert IdempotencyKey.objects.count() == 2


def test_one_church_that_fails_keeps_no_other_from_its_sweep(grace, hope, caplog):
    def fail_at_grace(church: Church, **event: object) -> None:
        if church == grace:
            raise ValueError("at Grace")

    for home in (grace, hope):
        with enter_church(home):
            Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(days=1))
    church_swept.connect(fail_at_grace)
    try:
        jobs.sweep_churches([str(grace.id), str(hope.id)])
    finally:
        church_swept.disconnect(fail_at_grace)
    with enter_church(hope):
        assert Session.objects.count() == 0
    assert [record.message for record in caplog.records] == ["sweep failed"]


@pytest.mark.slow
def test_a_job_that_takes_too_long_is_ended_and_given_up_after_five_attempts(own_database, worker, tmp_path):
    path = tmp_path / "lines"
    with enter_church(church("grace")):
        enqueue(write_church, path=str(path), seconds=60)
    worker(own_database, environment={"JOB_TIMEOUT": "1", "WORKER_PROCESSES": "1"})
    wait_until(lambda: Task.objects.filter(success=False).exists(), what="the first attempt")
    with enter_church(church("hope")):
        enqueue(write_church, path=str(path))
    wait_until(lambda: OrmQ.objects.count() == 0, what="the last attempt", seconds=60)
    [failed] = Task.objects.all()
    assert failed.attempt_count == 5
    assert "exceeded maximum timeout" in failed.result
    assert lines_of(path) == ["hope 0 hope.example"]
