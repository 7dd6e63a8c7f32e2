"""Fixtures of the tests about people."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"
# File -> people in it.
LISTS = {
    "churchapps_people.csv": 81,
    "churchcrm_test_import.csv": 3,
    "churchcrm_test_import_country.csv": 4,
    "churchcrm_test_classification_import.csv": 2,
}


@pytest.fixture
def work_queue(db: None) -> Callable[[], int]:
    """``work_queue()``: carries out the queued jobs as a worker would, until none is left."""
    from django_q.models import OrmQ
    from django_q.signing import SignedPackage

    def work() -> int:
        worked = 0
        while queued := OrmQ.objects.order_by("id").first():
            task = SignedPackage.loads(queued.payload)
            queued.delete()
            module, _, function = task["func"].rpartition(".")
            getattr(import_module(module), function)(*task["args"], **task["kwargs"])
            worked += 1
        return worked

    return work


@pytest.fixture
def run_import(grace: Any, work_queue: Callable[[], int]) -> Callable[..., Any]:
    """``run_import("first_name,last_name\\n…", dry_run=True)``: a finished import at Grace."""
    from members.importing.domain import start_import
    from members.models import MemberImport
    from tenants.context import enter_church

    def run(content: str | bytes, **options: Any) -> Any:
        data = content.encode() if isinstance(content, str) else content
        with enter_church(grace):
            started = start_import(content=data, file_name="people.csv", **options)
        work_queue()
        with enter_church(grace):
            return MemberImport.objects.get(pk=started.pk)

    return run
