"""Endpoints of importing and exporting people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.security.endpoint import Endpoint

CONTENT = b"first_name,last_name\nRuth,Moab\n"
IMPORT = "api/members/imports/<uuid:pk>"


def _finished_import(**values: Any) -> Any:
    from members.models import MemberImport, MemberImportRow

    columns = [{"column": "first_name", "position": 0, "fields": ["first_name"]}]
    done = MemberImport.objects.create(
        file_name="people.csv",
        status="done",
        finished_at=timezone.now(),
        columns=columns,
        country="US",
        **values,
    )
    error = {"field": "last_name", "message": "This is required."}
    MemberImportRow.objects.create(member_import=done, row=2, fate="failed", errors=[error], cells=["Ruth"])
    return done.pk


def _trial() -> Any:
    return _finished_import(dry_run=True, content=CONTENT, rows_total=1)


def _draft() -> Any:
    from members.importing.domain import take_in

    return take_in(content=CONTENT, file_name="people.csv").pk


MAKERS: dict[str, Callable[[], Any]] = {
    "finished import": _finished_import,
    "trial": _trial,
    "draft": _draft,
}


def _people_file(_: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("people.csv", CONTENT, "text/csv")}


ENDPOINTS = [
    Endpoint("GET", "api/members/export", "members:write"),
    Endpoint("POST", "api/members/import/preview", "members:write", body=_people_file, form=True),
    Endpoint("GET", "api/members/import/fields", "members:write"),
    Endpoint("POST", f"{IMPORT}/run", "members:write", 202, kind="trial"),
    Endpoint("POST", f"{IMPORT}/undo", "members:write", 202, kind="finished import"),
    Endpoint("GET", f"{IMPORT}/failed-rows", "members:write", kind="finished import"),
]
