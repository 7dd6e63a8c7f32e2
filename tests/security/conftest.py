"""Fixtures of the tests of who may do what."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import jwt
import pytest
from django.conf import settings
from rest_framework.test import APIClient

from tenants.context import outside_churches
from tests import world
from tests.security.actors import GRACE, OUTSIDERS, ROLES, content_of, edited, session_cookie, signed


@pytest.fixture
def at_grace(
    tokens: Callable[[str], dict[str, str]], user: Callable[[str], Any], grace: Any, hope: Any
) -> Callable[[str], APIClient]:
    """``at_grace("pastor")`` or ``at_grace(OUTSIDERS[3])``: a client of that actor on Grace's host."""

    def bearer(token: str) -> APIClient:
        client = APIClient(HTTP_HOST=GRACE)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    def cookie(value: str) -> APIClient:
        client = APIClient(HTTP_HOST=GRACE)
        client.cookies[settings.SESSION_COOKIE_NAME] = value
        return client

    def superuser() -> APIClient:
        from accounts.models import User

        with outside_churches():
            return cookie(session_cookie(User.objects.get(email=world.SUPERUSER), None))

    # Refused as they are, outsiders cannot use up a login.
    @cache
    def tokens_of(actor: str) -> dict[str, str]:
        return tokens(actor)

    def claims(actor: str, **changes: Any) -> dict[str, Any]:
        return {**content_of(tokens_of(actor)["access"]), **changes}

    grace_id = str(grace.id)
    admin_rights = {"role": "admin", "permissions": ["*"]}
    no_id = "00000000-0000-4000-8000-000000000000"
    outsiders: list[Callable[[], APIClient]] = [
        lambda: APIClient(HTTP_HOST=GRACE),
        lambda: bearer(tokens_of("hugo")["access"]),
        lambda: cookie(session_cookie(user("hugo"), hope)),
        superuser,
        lambda: bearer(tokens_of("anna")["refresh"]),
        lambda: bearer(signed(claims("anna", exp=int(time.time()) - 1))),
        lambda: bearer(jwt.encode(claims("anna"), "", algorithm="none")),
        lambda: bearer(signed(claims("anna"), key="another-key-of-the-same-length-0123456789abcdef")),
        lambda: bearer(edited(tokens_of("hugo")["access"], tenantId=grace_id)),
        lambda: bearer(signed(claims("hugo", tenantId=grace_id))),
        lambda: bearer(edited(tokens_of("vera")["access"], **admin_rights)),
        lambda: bearer(signed(claims("vera", **admin_rights))),
        lambda: bearer(signed(claims("anna", userId=no_id))),
        lambda: bearer(signed(claims("anna", userId="1 OR 1=1", sid="'"))),
    ]
    makers = dict(zip(OUTSIDERS, outsiders, strict=True))

    def client_of(actor: str) -> APIClient:
        if actor in ROLES:
            return bearer(tokens(ROLES[actor])["access"])
        return makers[actor]()

    return client_of
