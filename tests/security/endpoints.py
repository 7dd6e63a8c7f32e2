"""Every endpoint of the API, with what it needs and what it answers. One line each.

A new endpoint is added here; ``test_isolation`` fails until it is. The permission stands here a
second time on purpose: what the views declare is held against it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests import world
from tests.security import endpoints_automation as automation
from tests.security import endpoints_automation_consent as consent
from tests.security import (
    endpoints_automation_writing,
    endpoints_confidential,
    endpoints_events,
    endpoints_fields,
    endpoints_importing,
    endpoints_merging,
    pages_sequences,
)
from tests.security import endpoints_files as stored_files
from tests.security import endpoints_history as history
from tests.security import endpoints_households as households
from tests.security import endpoints_notifications as notifications
from tests.security import endpoints_prayer as prayer
from tests.security import endpoints_sign_in as sign_in
from tests.security import endpoints_visits as visits
from tests.security.endpoint import PUBLIC, SIGNED_IN, Endpoint

__all__ = ["ENDPOINTS", "MAKERS", "PUBLIC", "SIGNED_IN", "Endpoint"]

# -- What an id can be of: each makes a row in the church that was entered and returns its id. --


def _member() -> Any:
    from members.domain import create_member

    return create_member(first_name="Lazarus", last_name="Bethany", tags=["Choir"]).pk


def _user() -> Any:
    from accounts.domain import create_user

    return create_user(email=f"{uuid.uuid4().hex}@example.org", role="volunteer").pk


def _import() -> Any:
    from members.models import MemberImport

    return MemberImport.objects.create(file_name="people.csv", created_by=None).pk


MAKERS: dict[str, Callable[[], Any]] = {
    "member": _member,
    "user": _user,
    "import": _import,
    **sign_in.MAKERS,
    **households.MAKERS,
    **endpoints_fields.MAKERS,
    **history.MAKERS,
    **endpoints_confidential.MAKERS,
    **endpoints_merging.MAKERS,
    **endpoints_importing.MAKERS,
    **stored_files.MAKERS,
    **visits.MAKERS,
    **automation.MAKERS,
    **prayer.MAKERS,
    **endpoints_events.MAKERS,
    **notifications.MAKERS,
    **endpoints_automation_writing.MAKERS,
    **consent.MAKERS,
    **pages_sequences.MAKERS,
}


# -- Bodies --


def _person(_: Any) -> dict[str, Any]:
    return {"first_name": "Martha", "last_name": "Bethany"}


def _new_user(_: Any) -> dict[str, Any]:
    return {"email": f"{uuid.uuid4().hex}@example.org", "role": "staff"}


def _people_file(_: Any) -> dict[str, Any]:
    content = b"first_name,last_name\nRuth,Moab\n"
    return {"file": SimpleUploadedFile("people.csv", content, "text/csv")}


def _refresh(tokens: Any) -> dict[str, Any]:
    return {"refresh": tokens("anna")["refresh"]}


def _reset(_: Any) -> dict[str, Any]:
    from accounts import links
    from accounts.models import User

    user = User.objects.here().get(email=world.email_of("vera"))
    return {"token": links.make_token(user, links.RESET), "password": "a new and long password"}


USERS = "api/tenants/current/users"
PERSON = "api/members/<uuid:pk>"

ENDPOINTS = [
    Endpoint(
        "POST",
        "api/auth/login",
        PUBLIC,
        body=lambda _: {"email": world.email_of("anna"), "password": world.PASSWORD},
    ),
    Endpoint("POST", "api/auth/logout", PUBLIC, 204, body=_refresh),
    Endpoint("POST", "api/auth/refresh", PUBLIC, body=_refresh),
    Endpoint(
        "POST", "api/auth/forgot-password", PUBLIC, 202, body=lambda _: {"email": "somebody@example.org"}
    ),
    Endpoint("POST", "api/auth/reset-password", PUBLIC, 204, body=_reset),
    Endpoint("GET", "api/auth/me", SIGNED_IN),
    *sign_in.ENDPOINTS,
    Endpoint("GET", "api/schema", PUBLIC),
    Endpoint("GET", "api/docs", PUBLIC),
    Endpoint("GET", "api/tenants/current", SIGNED_IN),
    Endpoint(
        "PUT", "api/tenants/current/settings", "settings:write", body=lambda _: {"timezone": "Africa/Nairobi"}
    ),
    Endpoint(
        "PATCH",
        "api/tenants/current/settings",
        "settings:write",
        body=lambda _: {"timezone": "Africa/Nairobi"},
    ),
    Endpoint("GET", USERS, "users:read"),
    Endpoint("POST", USERS, "users:write", 201, body=_new_user),
    Endpoint("GET", f"{USERS}/<uuid:pk>", "users:read", kind="user"),
    Endpoint("PUT", f"{USERS}/<uuid:pk>", "users:write", kind="user", body=_new_user),
    Endpoint(
        "PATCH", f"{USERS}/<uuid:pk>", "users:write", kind="user", body=lambda _: {"first_name": "Other"}
    ),
    Endpoint("DELETE", f"{USERS}/<uuid:pk>", "users:delete", 204, kind="user"),
    Endpoint("GET", "api/members", "members:read"),
    Endpoint("POST", "api/members", "members:write", 201, body=_person),
    Endpoint("GET", "api/members/search", "members:read", query="?q=ada"),
    Endpoint("GET", PERSON, "members:read", kind="member"),
    Endpoint("PUT", PERSON, "members:write", kind="member", body=_person),
    Endpoint("PATCH", PERSON, "members:write", kind="member", body=lambda _: {"nickname": "Other"}),
    Endpoint("DELETE", PERSON, "members:delete", 204, kind="member"),
    Endpoint("POST", f"{PERSON}/tags", "members:write", kind="member", body=lambda _: {"tags": ["Other"]}),
    Endpoint("DELETE", f"{PERSON}/tags/<path:tag>", "members:write", 204, kind="member"),
    Endpoint("POST", "api/members/import", "members:write", 202, body=_people_file, form=True),
    Endpoint("GET", "api/members/imports", "members:write"),
    Endpoint("GET", "api/members/imports/<uuid:pk>", "members:write", kind="import"),
    Endpoint("GET", "api/members/imports/<uuid:pk>/rows", "members:write", kind="import"),
    *households.ENDPOINTS,
    *endpoints_fields.ENDPOINTS,
    *history.ENDPOINTS,
    *endpoints_confidential.ENDPOINTS,
    *endpoints_merging.ENDPOINTS,
    *endpoints_importing.ENDPOINTS,
    *stored_files.ENDPOINTS,
    *visits.ENDPOINTS,
    *automation.ENDPOINTS,
    *prayer.ENDPOINTS,
    *endpoints_events.ENDPOINTS,
    *notifications.ENDPOINTS,
    *endpoints_automation_writing.ENDPOINTS,
    *consent.ENDPOINTS,
]
