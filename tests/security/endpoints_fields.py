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


def _saved_list() -> Any:
    from members.models import SavedList

    # Its owner is gone, so everybody who writes may change it.
    rule = {"match": "all", "conditions": [{"field": "tags", "operator": "has", "value": "Choir"}]}
    return SavedList.objects.create(name="Choir", rule=rule, is_shared=True).pk


def _new_list(_: Any) -> dict[str, Any]:
    return {"name": "New people", "rule": {"conditions": [{"field": "email", "operator": "missing"}]}}


MAKERS: dict[str, Callable[[], Any]] = {
    "custom field": _custom_field,
    "field that was put away": _archived_field,
    "saved list": _saved_list,
}
FIELDS = "api/custom-fields"
FIELD = f"{FIELDS}/<uuid:pk>"
LISTS = "api/saved-lists"
LIST = f"{LISTS}/<uuid:pk>"

ENDPOINTS = [
    Endpoint("GET", FIELDS, "members:read"),
    Endpoint("POST", FIELDS, "settings:write", 201, body=_new_field),
    Endpoint("GET", FIELD, "members:read", kind="custom field"),
    Endpoint("PUT", FIELD, "settings:write", kind="custom field", body=_new_field),
    Endpoint("PATCH", FIELD, "settings:write", kind="custom field", body=lambda _: {"help_text": "Other"}),
    Endpoint("DELETE", FIELD, "settings:write", 204, kind="field that was put away"),
    Endpoint("GET", LISTS, "members:read"),
    Endpoint("POST", LISTS, "members:write", 201, body=_new_list),
    Endpoint("GET", LIST, "members:read", kind="saved list"),
    Endpoint("PUT", LIST, "members:write", kind="saved list", body=_new_list),
    Endpoint("PATCH", LIST, "members:write", kind="saved list", body=lambda _: {"name": "Other"}),
    Endpoint("DELETE", LIST, "members:write", 204, kind="saved list"),
    Endpoint("GET", f"{LIST}/members", "members:read", kind="saved list"),
]
