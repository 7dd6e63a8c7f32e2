"""Rows and objects: both or none, whatever happens in between."""

from __future__ import annotations

import io
import os
import time
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from core.unavailable import ServiceUnavailableError
from files import domain, objects, removals
from files.models import FileRemoval, StoredFile
from files.sweeping import remove_objects_of, sweep
from tenants import due
from tenants.context import enter_church, outside_churches
from tenants.domain import delete_church
from tenants.models import Church
from tenants.transfer import export_church
from tests.conftest import work_jobs
from tests.files.samples import PDF
from tests.parallel import at_once
from tests.tenants.exports import bring


def store(content=PDF, name="plan.pdf"):
    return domain.store_file(content=io.BytesIO(content), name=name, purpose="document")


def worked(work_queue):
    due.tick()
    return work_queue()


def test_a_rollback_leaves_no_object(either_store, in_grace, keys):
    kept = store()
    with transaction.atomic():
        store()
        with transaction.atomic():
            store()
        assert len(keys()) == 3
        transaction.set_rollback(True)
    assert keys() == [kept.key]


def test_a_store_that_fails_half_way_leaves_no_row(on_disk, in_grace, keys, monkeypatch):
    def fail(descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ServiceUnavailableError, match="cannot be stored at the moment"):
        store()
    assert keys() == []
    assert not StoredFile.objects.exists()


def test_an_object_goes_after_its_row(either_store, in_grace, keys, work_queue):
    file = store()
    with transaction.atomic():
        domain.remove_file(file=file)
        transaction.set_rollback(True)
    assert worked(work_queue) == 0
    assert StoredFile.objects.get() == file
    domain.remove_file(file=file)
    domain.remove_file(file=file)
    assert keys() == [file.key]
    worked(work_queue)
    assert keys() == []
    assert not FileRemoval.objects.exists()


def test_a_removal_is_tried_again_until_the_store_obeys(on_disk, in_grace, keys, work_queue, monkeypatch):
    first, second = store(), store()
    for file in (first, second):
        domain.remove_file(file=file)
    whole = default_storage.delete

    def refuse(key):
        if key == first.key:
            raise ConnectionError
        whole(key)

    monkeypatch.setattr(default_storage._wrapped, "delete", refuse)
    worked(work_queue)
    assert keys() == [first.key]
    waiting = FileRemoval.objects.get()
    assert waiting.attempts == 1
    assert timedelta(seconds=30) < waiting.due_at - timezone.now() <= timedelta(minutes=1)
    assert removals.next_removal() == waiting.due_at
    monkeypatch.undo()
    FileRemoval.objects.update(due_at=timezone.now())
    due.replan(removals.KIND)
    worked(work_queue)
    assert keys() == []


def test_orphans_of_more_than_a_day_are_swept(on_disk, in_grace, hope, keys):
    kept, young, old = store(), objects.fresh_key(), objects.fresh_key()
    with enter_church(hope):
        others = objects.fresh_key()
        objects.write(others, io.BytesIO(PDF), "application/pdf")
    for key in (young, old):
        objects.write(key, io.BytesIO(PDF), "application/pdf")
    two_days_ago = time.time() - 2 * 24 * 3600
    for key in (kept.key, old, others):
        os.utime(on_disk / key, (two_days_ago, two_days_ago))
    sweep()
    assert keys() == sorted([kept.key, young, others])


def test_orphans_are_swept_from_a_bucket(in_bucket, in_grace, keys, monkeypatch):
    kept, orphan = store(), objects.fresh_key()
    objects.write(orphan, io.BytesIO(PDF), "application/pdf")
    sweep()
    assert len(keys()) == 2
    monkeypatch.setattr("files.sweeping.LEFT_ALONE", timedelta(seconds=-60))
    sweep()
    assert keys() == [kept.key]


def test_a_deleted_church_leaves_nothing_in_the_store(either_store, own_database, keys):
    grace, hope = (Church.objects.get(subdomain=name) for name in ("grace", "hope"))
    with enter_church(grace):
        store()
    with enter_church(hope):
        others = store()
    with transaction.atomic():
        delete_church(church=grace)
        transaction.set_rollback(True)
    assert work_jobs() == 0
    delete_church(church=grace)
    work_jobs()
    assert keys() == [others.key]


def test_a_church_that_came_back_keeps_its_files(on_disk, own_database, keys, tmp_path):
    grace = Church.objects.get(subdomain="grace")
    with enter_church(grace):
        store()
    export_church(church=grace, path=tmp_path / "grace.zip", report=lambda line: None)
    delete_church(church=grace)
    bring(tmp_path / "grace.zip")
    with outside_churches():
        remove_objects_of(deleted_church_id=str(grace.pk), deleted_at=timezone.now().isoformat())
    with enter_church(grace):
        assert StoredFile.objects.get().key in keys()


def test_parallel_uploads_fill_the_quota_and_not_more(on_disk, own_database, settings, keys):
    settings.FILE_QUOTAS = {"free": 1, "standard": 3 * len(PDF), "premium": 1}
    grace = Church.objects.get(subdomain="grace")

    def upload():
        with enter_church(grace):
            try:
                store()
            except ValidationError:
                return False
            return True

    assert sorted(at_once(*[upload] * 12)) == [False] * 9 + [True] * 3
    with enter_church(grace):
        assert StoredFile.objects.count() == 3
    assert len(keys()) == 3
