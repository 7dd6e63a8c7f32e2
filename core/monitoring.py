"""Sentry, told which church and user an error met, and nothing personal."""

from __future__ import annotations

from typing import Any

from . import context
from .logs import without_secrets


def prepare_event(event: Any, hint: dict[str, Any]) -> Any:
    """The event as it may leave: ids as tags; no body, cookie, header, query or local variable."""
    request = event.get("request")
    if request:
        event["request"] = {"method": request.get("method"), "url": without_secrets(request.get("url", ""))}
    user = context.user_id.get()
    event["user"] = {"id": user} if user else {}
    event.setdefault("tags", {}).update(
        {"church": context.owner_id.get(), "request_id": context.request_id.get()}
    )
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = without_secrets(str(exception.get("value", "")))
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
        before_send=prepare_event,
        **options,
    )
