"""Whether sign-ins still stand, for answers that stay open: many at once, in two queries."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from accounts.authentication import USER_COLUMNS
from accounts.models import BrowserSession, LoginSession, User
from accounts.tokens import current_tenant_id
from accounts.two_factor import requirement

_COLUMNS = ["pk", "user__two_factor__confirmed_at", *(f"user__{name}" for name in USER_COLUMNS)]


def users_of(*, logins: Collection[UUID] = (), browsers: Collection[UUID] = ()) -> dict[UUID, User]:
    """The user of each login over the API, and of each browser session, that still stands, by its id.

    Left out are those that were ended, whose user was switched off or deleted, and whose user must
    have a second factor by now and has none.
    """
    rows: list[Any] = []
    if logins:
        rows += LoginSession.objects.alive().filter(pk__in=logins).values_list(*_COLUMNS)
    if browsers:
        rows += BrowserSession.objects.alive().filter(pk__in=browsers).values_list(*_COLUMNS)
    church_id = current_tenant_id()
    found = {}
    for key, second_factor_since, *values in rows:
        user = User.from_db("default", USER_COLUMNS, values)
        missing = requirement.is_missing(user.role, second_factor_since)
        if user.is_active and user.tenant_id == church_id and not missing:
            user.present_session = key
            found[key] = user
    return found
