"""Fixtures of the tests about people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants import hosts

DATA = Path(__file__).parent / "data"
# File -> people in it.
LISTS = {
    "churchapps_people.csv": 81,
    "churchcrm_test_import.csv": 3,
    "churchcrm_test_import_country.csv": 4,
    "churchcrm_test_classification_import.csv": 2,
}


def fewest_queries(request: Callable[[], Any]) -> int:
    """The statements of ``request()`` once the host is known, however slow the machine is."""
    kept, hosts.SECONDS_KEPT = hosts.SECONDS_KEPT, 3_600
    try:
        request()
        with CaptureQueriesContext(connection) as captured:
            request()
    finally:
        hosts.SECONDS_KEPT = kept
    return len(captured)


@pytest.fixture
def fields_of_disciples(grace: Any) -> None:
    """Own fields of Grace: ``shirt`` and ``boat`` are text, ``keys`` is a number."""
    from members.models import CustomField
    from tenants.context import enter_church

    with enter_church(grace):
        for key, kind in (("shirt", "text"), ("boat", "text"), ("keys", "number")):
            CustomField.objects.create(key=key, label=key.title(), kind=kind)


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


@pytest.fixture
def person(grace: Any) -> Callable[[str], Any]:
    """``person("Ada")``: somebody of Grace as the database has them now."""
    from members.models import Member
    from tenants.context import enter_church

    def find(first_name: str) -> Any:
        with enter_church(grace):
            return Member.objects.get(first_name=first_name)

    return find


@pytest.fixture
def number_of_people(grace: Any) -> Callable[[], int]:
    """``number_of_people()``: how many there are at Grace."""
    from members.models import Member
    from tenants.context import enter_church

    def count() -> int:
        with enter_church(grace):
            return Member.objects.count()

    return count
