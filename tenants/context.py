"""The one way into a church outside a request, and the one way to ask which church this is.

Everything that is not a request (a job, a socket, a command) starts outside all churches, where
their tables do not exist: forgetting to enter one is an error, never another church's data.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, cast

from django.db import connection as django_connection
from django_tenants.utils import schema_context, tenant_context

from core import context

from .models import Church

if TYPE_CHECKING:
    from .postgresql.base import DatabaseWrapper

# Django's type does not know what the engine adds.
connection = cast("DatabaseWrapper", django_connection)

# A schema that is never made. With it as the only entry of the search path, every table is unknown.
NOWHERE = "no_church_entered"

_entered: ContextVar[str] = ContextVar("church_entered", default="")


class NoChurchError(RuntimeError):
    """Something asked for the church outside of one."""


class ChurchUnavailableError(Exception):
    """The church does not exist, or is suspended."""


def current_church() -> Church:
    """The church that this request, job or command works for. Raises NoChurchError."""
    church = connection.tenant
    if not isinstance(church, Church):
        raise NoChurchError("No church was entered here.")
    return church


def current_church_or_none() -> Church | None:
    church = connection.tenant
    return church if isinstance(church, Church) else None


def entered_church_id() -> str:
    """Id of the church that the running piece of work entered, or an empty text.

    Kept in a context variable, so that it is right on the event loop too, where the database
    connection's own notion is another thread's.
    """
    return _entered.get()


@contextmanager
def enter_church(church: Church | uuid.UUID | str, *, even_suspended: bool = False) -> Iterator[Church]:
    """Runs the block inside ``church``, given as itself or by its id.

    Querysets are lazy: evaluate them inside the block. Raises ChurchUnavailableError when there is
    no such church, or when it is suspended and ``even_suspended`` is not said.
    """
    if not isinstance(church, Church):
        with schema_context("public"):
            found = Church.objects.filter(id=church).first()
        if found is None:
            raise ChurchUnavailableError(f"There is no church {church}.")
        church = found
    if church.is_suspended and not even_suspended:
        raise ChurchUnavailableError(f"{church.subdomain} is suspended.")
    entered_token = _entered.set(str(church.id))
    owner_token = context.owner_id.set(str(church.id))
    try:
        with tenant_context(church):
            yield church
    finally:
        _entered.reset(entered_token)
        context.owner_id.reset(owner_token)


@contextmanager
def outside_churches() -> Iterator[None]:
    """Runs the block in the platform's own tables (public)."""
    entered_token = _entered.set("")
    try:
        with schema_context("public"):
            yield
    finally:
        _entered.reset(entered_token)


def enter_for_request(church: Church) -> None:
    """For the middleware alone: the request that begins belongs to ``church``."""
    connection.set_tenant(church)
    _entered.set(str(church.id))
    context.owner_id.set(str(church.id))


def enter_for_socket(church: Church) -> None:
    """For ``tenants.sockets`` alone: keys of the cache and log lines of this socket are ``church``'s.

    The database is not entered; ``church_database_call`` does that for each call.
    """
    _entered.set(str(church.id))
    context.owner_id.set(str(church.id))


def leave_for_request() -> None:
    """For the middleware alone: back to the platform's tables."""
    connection.set_schema_to_public()
    _entered.set("")
