"""Files and photos in the table of endpoints."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.files.samples import PDF, picture
from tests.security.endpoint import Endpoint


def _file() -> Any:
    from files.domain import store_file

    return store_file(content=io.BytesIO(PDF), name="Rota of the choir.pdf", purpose="document").pk


MAKERS: dict[str, Callable[[], Any]] = {"file": _file}


def _document(_: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("plan.pdf", PDF, "application/pdf")}


def _picture(_: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("me.png", picture("PNG"), "image/png")}


FILE = "api/files/<uuid:pk>"
PHOTO = "api/members/<uuid:pk>/photo"

ENDPOINTS = [
    Endpoint("GET", "api/files", "files:read"),
    Endpoint("POST", "api/files/upload", "files:write", 201, body=_document, form=True),
    Endpoint("GET", FILE, "files:read", kind="file"),
    Endpoint("DELETE", FILE, "files:write", 204, kind="file"),
    # Without an id it says what is missing, to those who may ask.
    Endpoint("GET", "api/files/signed-url", "files:read", 400),
    Endpoint("POST", PHOTO, "members:write", 201, kind="member", body=_picture, form=True),
    Endpoint("DELETE", PHOTO, "members:write", 204, kind="member"),
]
