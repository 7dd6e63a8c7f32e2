"""Who and what the running piece of work is for, for log lines and error reports.

Context variables, not thread locals: they follow a request from the event loop into its thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
# The church; core knows no domain word, so here it is the owner of the data at hand.
owner_id: ContextVar[str] = ContextVar("owner_id", default="")
user_id: ContextVar[str] = ContextVar("user_id", default="")
user_name: ContextVar[str] = ContextVar("user_name", default="")
# From where a change comes: api, admin, import, widget, link, sms, webhook, job, command; "program" where
# nobody has said.
origin: ContextVar[str] = ContextVar("origin", default="program")


def act_as(user: Any) -> None:
    """What follows in this context is done by ``user``."""
    user_id.set(str(user.pk))
    user_name.set(str(user))


@contextmanager
def working_for(user: Any, *, come_from: str) -> Iterator[None]:
    """What happens in the block is done for ``user`` (None: nobody) and comes from ``come_from``."""
    tokens = [
        (user_id, user_id.set(str(user.pk) if user else "")),
        (user_name, user_name.set(str(user) if user else "")),
        (origin, origin.set(come_from)),
    ]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)
