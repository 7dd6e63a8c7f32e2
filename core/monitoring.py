"""Sentry, told which church and user an error met, and nothing personal."""

from __future__ import annotations

import re
from typing import Any

from . import context
from .logs import HIDDEN, without_secrets

# PostgreSQL shows the offending row behind this word.
DETAIL = re.compile(r"\bDETAIL:.*", re.S)
PERSONAL = [
    re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+"),
    # What stands in quotation marks is somebody's input as often as not.
    re.compile(r"(?<=')[^']+(?=')|(?<=\")[^\"]+(?=\")|(?<=“)[^”]+(?=”)"),
    re.compile(r"\+?[0-9][0-9 ().-]{5,}[0-9]"),
]
# What sentry_sdk says about the program, not about what it was given.
CONTEXTS = ("runtime", "os", "trace")


def without_personal_data(text: str) -> str:
    """``text`` of an exception without secrets, addresses, numbers and quoted values."""
    text = without_secrets(DETAIL.sub("", text))
    for pattern in PERSONAL:
        text = pattern.sub(HIDDEN, text)
    return text


def prepare_event(event: Any, hint: dict[str, Any]) -> Any:
    """The event as it may leave: ids as tags; no body, cookie, header, query or local variable."""
    if request := event.get("request"):
        event["request"] = {"method": request.get("method"), "url": without_secrets(request.get("url", ""))}
    user = context.user_id.get()
    event["user"] = {"id": user} if user else {}
    event.setdefault("tags", {}).update(
        {"church": context.owner_id.get(), "request_id": context.request_id.get()}
    )
    for name in ("extra", "breadcrumbs"):
        event.pop(name, None)
    event["contexts"] = {
        name: event["contexts"][name] for name in CONTEXTS if name in event.get("contexts", {})
    }
    if entry := event.get("logentry"):
        # The sentence as the program writes it, without what was put in.
        event["logentry"] = {"message": without_personal_data(str(entry.get("message", "")))}
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = without_personal_data(str(exception.get("value", "")))
        for frame in exception.get("stacktrace", {}).get("frames", []):
            frame.pop("vars", None)
    return event


def start_sentry(dsn: str, **options: Any) -> None:
    """Reports errors to ``dsn``; further options go to ``sentry_sdk.init``."""
    # Deferred: an installation without Sentry does not pay for importing it.
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=prepare_event,
        **options,
    )
