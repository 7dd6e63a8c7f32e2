"""Who and what the running piece of work is for, for log lines and error reports.

Context variables, not thread locals: they follow a request from the event loop into its thread.
"""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
# The church; core knows no domain word, so here it is the owner of the data at hand.
owner_id: ContextVar[str] = ContextVar("owner_id", default="")
user_id: ContextVar[str] = ContextVar("user_id", default="")
