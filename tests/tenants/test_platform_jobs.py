"""The platform's pages of background jobs."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Failure, OrmQ, Schedule, Task
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from tenants.models import Church


def failed_job(
    church: Church | None, *, attempts: int = 5, queued: bool = False, func: str = "a.tasks.b"
) -> Failure:
    """A job that failed a minute ago; ``queued``: it is still in the queue, to be tried again."""
    now = timezone.now()
    identifier = uuid.uuid4().hex
    func = "a.tasks.b"
    kwargs = {"church_id": str(church.id), "email": "hidden@grace.example"}
    if queued:
        payload = SignedPackage.dumps(
            {"id": identifier, "name": "x", "func": func, "args": (), "kwargs": kwargs, "started": now}
        )
        OrmQ.objects.create(key="churchsaas", payload=payload, lock=now + timedelta(minutes=5))
    Task.objects.create(
        id=identifier, name="x", func=func, args=(), kwargs=kwargs, success=False, attempt_count=attempts,
        started=now - timedelta(minutes=2), stopped=now - timedelta(minutes=1),
        result="boom: password=hunter2 : Traceback",
    )  # fmt: skip
    return Failure.objects.get(pk=identifier)


def test_failed_jobs_are_listed_without_their_arguments(root, grace, django_assert_num_queries):
    failed_job(grace)
    with django_assert_num_queries(8) as one:
        page = root.get("/admin/django_q/failure/").text
    assert "a.tasks.b" in page
    assert "Grace Church" in page
    assert "Given up" in page
    assert "boom" in page
    assert "hunter2" not in page
    assert "hidden@grace.example" not in page
    for _number in range(29):
        failed_job(grace, attempts=2, queued=True)
    with django_assert_num_queries(len(one)):
        assert "Will be tried again" in root.get("/admin/django_q/failure/").text


def test_one_failed_job_shows_its_error(root, grace):
    job = failed_job(grace)
    page = root.get(f"/admin/django_q/failure/{job.pk}/change/").text
    assert "Traceback" in page
    assert "hunter2" not in page
    assert "hidden@grace.example" not in page
    assert f'action="/admin/django_q/failure/{job.pk}/retry/"' in page


def test_a_job_that_was_given_up_is_tried_again(root, grace):
    job = failed_job(grace)
    answer = root.post(f"/admin/django_q/failure/{job.pk}/retry/", follow=True)
    assert "1 job is tried again." in answer.text
    assert not Failure.objects.exists()
    (queued,) = OrmQ.objects.all()
    assert queued.func() == "a.tasks.b"
    assert queued.kwargs() == job.kwargs
    assert queued.lock <= timezone.now()


def test_a_job_that_waits_for_its_next_attempt_is_not_queued_twice(root, grace):
    job = failed_job(grace, attempts=1, queued=True)
    answer = root.post(
        "/admin/django_q/failure/", {"action": "retry_selected", "_selected_action": [job.pk]}, follow=True
    )
    assert "1 job is tried again." in answer.text
    (queued,) = OrmQ.objects.all()
    assert queued.task_id() == job.id
    assert queued.lock <= timezone.now()


def test_a_job_that_runs_or_went_well_meanwhile_is_left_alone(root, grace):
    running, done = failed_job(grace, attempts=1, queued=True), failed_job(grace, attempts=2)
    # Taken by a worker after its failure.
    taken = timezone.now() + timedelta(seconds=Conf.RETRY)
    OrmQ.objects.update(lock=taken)
    page = root.get("/admin/django_q/failure/").text
    assert "Is being tried again" in page
    assert "Went well later" in page
    for job in (running, done):
        assert "Try again" not in root.get(f"/admin/django_q/failure/{job.pk}/change/").text
    answer = root.post(
        "/admin/django_q/failure/",
        {"action": "retry_selected", "_selected_action": [running.pk, done.pk]},
        follow=True,
    )
    assert "2 jobs need no new attempt" in answer.text
    assert [row.lock for row in OrmQ.objects.all()] == [taken]


def test_waiting_and_planned_jobs_are_listed(root, grace):
    async_task("a.tasks.c", church_id=str(grace.id), email="hidden@grace.example")
    async_task("a.tasks.d")
    OrmQ.objects.create(key="churchsaas", payload="no package", lock=timezone.now())
    Schedule.objects.create(name="heartbeat", func="a.jobs.beat", schedule_type="I", minutes=1)
    waiting = root.get("/admin/django_q/ormq/").text
    assert "a.tasks.c" in waiting
    assert "Grace Church" in waiting
    assert "hidden@grace.example" not in waiting
    planned = root.get("/admin/django_q/schedule/").text
    assert "heartbeat" in planned
    assert "every minute" in planned


def test_jobs_cannot_be_made_changed_or_deleted(root, grace):
    job = failed_job(grace, attempts=1, queued=True)
    queued = OrmQ.objects.get()
    planned = Schedule.objects.create(name="x", func="a.b", schedule_type="D")
    for model, row in (("failure", job), ("ormq", queued), ("schedule", planned)):
        base = f"/admin/django_q/{model}/"
        assert root.get(f"{base}add/").status_code == 403
        assert root.post(f"{base}{row.pk}/change/", {"func": "os.system"}).status_code == 403
        assert root.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Failure.objects.filter(pk=job.pk, func="a.tasks.b").exists()
    assert OrmQ.objects.count() == Schedule.objects.count() == 1
