"""The endpoints of a church's own fields and of saved lists."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from .endpoint import Endpoint


def _custom_field() -> Any:
    from members.custom_fields.domain import create_custom_field

    return create_custom_field(label=f"Field {uuid.uuid4()}", kind="text").pk


def _archived_field() -> Any:
    from members.custom_fields.domain import archive_custom_field, create_custom_field

    return archive_custom_field(field=create_custom_field(label=f"Field {uuid.uuid4()}", kind="text")).pk


def _new_field(_: Any) -> dict[str, Any]:
    return {"label": f"Field {uuid.uuid4()}", "kind": "text"}


MAKERS: dict[str, Callable[[], Any]] = {
    "custom field": _custom_field,
    "field that was put away": _archived_field,
}
FIELDS = "api/custom-fields"
FIELD = f"{FIELDS}/<uuid:pk>"

ENDPOINTS = [
    Endpoint("GET", FIELDS, "members:read"),
    Endpoint("POST", FIELDS, "settings:write", 201, body=_new_field),
    Endpoint("GET", FIELD, "members:read", kind="custom field"),
    Endpoint("PUT", FIELD, "settings:write", kind="custom field", body=_new_field),
    Endpoint("PATCH", FIELD, "settings:write", kind="custom field", body=lambda _: {"help_text": "Other"}),
    Endpoint("DELETE", FIELD, "settings:write", 204, kind="field that was put away"),
]
