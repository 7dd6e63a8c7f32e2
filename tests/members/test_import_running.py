"""Imports under bad conditions: killed workers, two at once, suspended churches, faults of ours."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import User
from accounts.tokens import start_login
from members import signals
from members.domain import change_member, remove_member
from members.importing import domain, running
from members.importing.domain import start_import
from members.models import Member, MemberImport, MemberImportRow
from members.tasks import work_imports
from tenants.context import enter_church
from tenants.domain import resume_church, suspend_church
from tenants.models import Church
from tenants.signals import church_swept
from tests.members.conftest import DATA, LISTS
from tests.services import wait_until
from tests.world import email_of

HOST = "grace.localhost"


def people(number, start=0):
    lines = [f"First{n},Last{n % 97},p{n}@x.example,{n}" for n in range(start, start + number)]
    return "first_name,last_name,email,nr\n" + "\n".join(lines)


def grace_church():
    return Church.objects.get(subdomain="grace")


def begin(church, content, **options):
    with enter_church(church):
        return start_import(content=content.encode(), file_name="people.csv", **options)


def now(church, started):
    with enter_church(church):
        return MemberImport.objects.get(pk=started.pk)


def content_of(church, started):
    with enter_church(church):
        return MemberImport.objects.values_list("content", flat=True).get(pk=started.pk)


def imported(church):
    with enter_church(church):
        return Member.objects.filter(email__endswith="@x.example").count()


@contextmanager
def listening(signal, receiver):
    signal.connect(receiver)
    try:
        yield
    finally:
        signal.disconnect(receiver)


def test_each_new_person_is_told_to_the_rooms_above_once(grace, run_import):
    joined, changed = [], []

    def note_joined(*, member, origin, **_event):
        joined.append((member.email, origin))

    def note_changed(*, member, fields, origin, **_event):
        changed.append((member.email, fields, origin))

    with listening(signals.member_joined, note_joined), listening(signals.member_changed, note_changed):
        run_import(people(3), dry_run=True)
        assert joined == []
        run_import(people(3))
        run_import(people(3))
        run_import("first_name,last_name,email,city\nFirst1,Last1,p1@x.example,Moab\n")
    assert joined == [(f"p{n}@x.example", "import") for n in range(3)]
    assert changed == [("p1@x.example", ["address"], "import")]


def test_the_file_is_kept_until_the_end_and_no_longer(grace, work_queue):
    started = begin(grace, people(3))
    assert bytes(content_of(grace, started)).startswith(b"first_name")
    work_queue()
    assert content_of(grace, started) is None


def test_a_fault_of_ours_ends_the_import_and_keeps_what_was_done(grace, work_queue, monkeypatch):
    monkeypatch.setattr(running, "ROWS_IN_BATCH", 10)

    def fail(*, member, **_event):
        if member.email == "p25@x.example":
            raise ZeroDivisionError

    started = begin(grace, people(40))
    with listening(signals.member_joined, fail):
        work_queue()
    done = now(grace, started)
    assert (done.status, done.rows_done, done.created) == ("failed", 20, 20)
    assert done.failure == "Something went wrong on our side after 20 rows. It has been recorded."
    assert content_of(grace, started) is None
    assert done.finished_at is not None
    assert imported(grace) == 20
    with enter_church(grace):
        assert done.rows.count() == 20
    again = begin(grace, people(40))
    work_queue()
    assert (now(grace, again).unchanged, now(grace, again).created) == (20, 20)


def test_the_database_going_away_is_tried_again_later(grace, work_queue, monkeypatch):
    monkeypatch.setattr(running, "ROWS_IN_BATCH", 10)
    failures = [OperationalError("gone")] * running.TRIES_OF_BATCH

    def fail(*, member, **_event):
        if member.email == "p15@x.example" and failures:
            raise failures.pop()

    started = begin(grace, people(30))
    with listening(signals.member_joined, fail):
        with pytest.raises(OperationalError):
            work_queue()
        assert (now(grace, started).status, now(grace, started).rows_done) == ("running", 10)
        with enter_church(grace):
            domain.work_soon()
        work_queue()
    assert (now(grace, started).status, imported(grace)) == ("done", 30)


def test_a_clash_with_somebody_else_is_tried_again_at_once(grace, work_queue):
    def take_key(*, member, **_event):
        if member.external_key == "2" and not taken:
            taken.append(True)
            raise OperationalError("deadlock detected")

    taken = []
    started = begin(grace, people(5), external_key="nr")
    with listening(signals.member_joined, take_key):
        work_queue()
    assert taken
    assert (now(grace, started).status, imported(grace)) == ("done", 5)


def test_work_that_is_cut_off_every_time_ends_as_failed(grace, work_queue, monkeypatch):
    def cut_off(*_arguments):
        raise SystemExit

    started = begin(grace, people(5))
    monkeypatch.setattr(running.Run, "next_batch", cut_off)
    for _ in range(running.MOST_STARTS):
        with pytest.raises(SystemExit):
            work_queue()
        with enter_church(grace):
            domain.work_soon()
    work_queue()
    done = now(grace, started)
    assert (done.status, done.failure) == ("failed", "The work was cut off 3 times after 0 rows.")


def test_a_suspended_church_goes_on_when_it_resumes(grace, work_queue, monkeypatch):
    monkeypatch.setattr(running, "ROWS_IN_BATCH", 10)

    def suspend(*, member, **_event):
        if member.email == "p12@x.example":
            suspend_church(church=Church.objects.get(pk=grace.pk))

    started = begin(grace, people(30))
    with listening(signals.member_joined, suspend):
        work_queue()
    grace.refresh_from_db()
    assert grace.is_suspended
    with enter_church(grace, even_suspended=True):
        assert MemberImport.objects.get(pk=started.pk).rows_done == 20
    resume_church(church=grace)
    work_queue()
    assert (now(grace, started).status, imported(grace)) == ("done", 30)


def test_a_job_that_was_lost_is_found_by_the_daily_sweep(grace, work_queue):
    started = begin(grace, people(5))
    OrmQ.objects.all().delete()
    with enter_church(grace):
        church_swept.send(sender=Church, church=grace)
    work_queue()
    assert now(grace, started).status == "done"


def test_a_long_import_is_worked_in_several_jobs(grace, work_queue, monkeypatch):
    monkeypatch.setattr(running, "ROWS_IN_BATCH", 10)
    monkeypatch.setattr("members.tasks.SLICE_SECONDS", 0)
    monkeypatch.setattr(running, "WORK_FOR_A_LOOK", 0)
    started = begin(grace, people(30))
    # A job without any time works one batch.
    assert work_queue() == 3
    assert (now(grace, started).status, imported(grace)) == ("done", 30)


def test_rows_of_imports_of_long_ago_are_forgotten(grace, run_import):
    done = run_import(people(3))
    with enter_church(grace):
        church_swept.send(sender=Church, church=grace)
        assert MemberImportRow.objects.count() == 3
        MemberImport.objects.update(finished_at=timezone.now() - timedelta(days=91))
        church_swept.send(sender=Church, church=grace)
        assert MemberImportRow.objects.count() == 0
        assert MemberImport.objects.get(pk=done.pk).created == 3


def test_identical_rows_keep_apart_across_batches(grace, run_import, monkeypatch):
    monkeypatch.setattr(running, "ROWS_IN_BATCH", 2)
    content = "first_name,last_name\n" + "Ruth,Moab\n" * 5 + "Boaz,Ephrath\n"
    assert run_import(content).created == 6
    assert run_import(content).unchanged == 6
    assert run_import(content, dry_run=True).unchanged == 6
    # One more of them is one more person.
    done = run_import(content + "Ruth,Moab\n")
    assert (done.unchanged, done.created) == (6, 1)


@pytest.mark.slow
def test_a_second_worker_keeps_its_hands_off(own_database):
    """While one works a batch of an import, another leaves it and its followers alone."""
    church = grace_church()
    started = begin(church, people(20))
    inside, go_on = Event(), Event()

    def wait(**_event):
        inside.set()
        assert go_on.wait(20)

    def first_worker():
        try:
            work_imports(church_id=str(church.pk))
        finally:
            connection.close()

    with listening(signals.member_joined, wait):
        thread = Thread(target=first_worker)
        thread.start()
        assert inside.wait(20)
        begin(church, people(20, start=10))
        work_imports(church_id=str(church.pk))
        assert imported(church) == 0
        go_on.set()
        thread.join()
    assert now(church, started).status == "done"
    assert imported(church) == 30


@pytest.mark.slow
def test_somebody_else_changing_or_deleting_people_meanwhile(own_database):
    church = grace_church()
    begin(church, people(20))
    work_imports(church_id=str(church.pk))
    begin(church, people(20).replace("nr\n", "city\n"))
    decided, go_on = Event(), Event()
    decide = running.Batch._decide

    def slow(self, entry):
        decide(self, entry)
        if entry.values["email"] == "p19@x.example":
            decided.set()
            assert go_on.wait(20)

    def worker():
        try:
            work_imports(church_id=str(church.pk))
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running.Batch, "_decide", slow)
        thread = Thread(target=worker)
        thread.start()
        assert decided.wait(20)
        with enter_church(church):
            change_member(member=Member.objects.get(email="p3@x.example"), address={"state": "TX"})
            remove_member(member=Member.objects.get(email="p4@x.example"))
        go_on.set()
        thread.join()
    with enter_church(church):
        # What was changed by hand a moment ago is still there beside what the file states.
        assert Member.objects.get(email="p3@x.example").address == {"state": "TX", "city": "3"}
        # Who was deleted comes back, as it would have a moment later.
        assert Member.objects.get(email="p4@x.example").address == {"city": "4"}
        newest = MemberImport.objects.order_by("created_at").last()
        assert (newest.status, newest.updated, newest.created) == ("done", 19, 1)


@pytest.mark.slow
def test_a_killed_worker_leaves_whole_batches_and_another_goes_on(own_database, worker):
    church = grace_church()
    content = people(3000)
    started = begin(church, content)
    # Without a free worker nothing else touches the queue.
    environment = {"WORKER_PROCESSES": "1", "JOB_TIMEOUT": "5"}
    server = worker(own_database, environment=environment)
    wait_until(lambda: now(church, started).rows_done >= 1000, what="two batches")
    server.kill()
    cut = now(church, started)
    assert cut.status == "running"
    assert 1000 <= cut.rows_done < 3000
    assert cut.rows_done % running.ROWS_IN_BATCH == 0
    assert imported(church) == cut.rows_done == cut.created
    with enter_church(church):
        assert cut.rows.count() == cut.rows_done
    # The lost job is handed out again by itself after three times JOB_TIMEOUT.
    worker(own_database, environment=environment)
    wait_until(lambda: now(church, started).status == "done", seconds=90, what="the rest")
    done = now(church, started)
    assert (done.rows_done, done.created, imported(church)) == (3000, 3000, 3000)


@pytest.mark.slow
def test_lists_come_in_over_the_api_of_a_running_server_and_twice_change_nothing(own_database, web, worker):
    church = grace_church()
    with enter_church(church):
        token = start_login(user=User.objects.get(email=email_of("bob")))["access"]
        before = Member.objects.count()
    headers = {"Authorization": f"Bearer {token}"}
    server = web(own_database)
    worker(own_database)

    def upload(name):
        file = SimpleUploadedFile(name, (DATA / name).read_bytes())
        answer = server.post("/api/members/import", host=HOST, headers=headers, files={"file": file})
        assert answer.status_code == 202, answer.text
        return answer.json()["url"]

    def finished(url):
        wait_until(
            lambda: server.get(url, host=HOST, headers=headers).json()["status"] in {"done", "failed"},
            what=url,
        )
        return server.get(url, host=HOST, headers=headers).json()

    def seen():
        with enter_church(church):
            return dict(Member.objects.values_list("pk", "updated_at"))

    for name, url in [(name, upload(name)) for name in LISTS]:
        done = finished(url)
        assert (done["status"], done["created"], done["failed"]) == ("done", LISTS[name], 0)
    first = seen()
    assert len(first) == before + 90
    for name, url in [(name, upload(name)) for name in LISTS]:
        done = finished(url)
        assert (done["status"], done["unchanged"], done["rows_done"]) == ("done", LISTS[name], LISTS[name])
    assert seen() == first
