"""Log lines as JSON, with request, church and user, and without secrets."""

from __future__ import annotations

import logging
import re
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from . import context

SECRET_NAMES = re.compile(
    r"pass(word|wd)?|secret|token|authorization|cookie|api_?key|note|description|message_text"
    r"|\bbody\b|\breport\b|snapshot|national_?id|health|safeguarding",
    re.I,
)
SECRET_TEXT = [
    # Bearer tokens and JSON web tokens, wherever they stand in a text.
    re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]+"),
    re.compile(r"(?i)(?<=bearer )\S+"),
    # Links that carry a secret in their path or query.
    re.compile(r"(?<=/set-password/)[\w:.=-]+"),
    # Addresses that are good for a while, signed by us or presigned for a store.
    re.compile(r"(?<=/files/)[\w-]+:[\w-]+:[\w-]+"),
    re.compile(r"(?i)(?<=x-amz-signature=)\w+"),
    re.compile(r"(?<=/visits/calendar/)[\w-]{20,}(?=\.ics)"),
    re.compile(r"(?<=/prayer/mine/)[\w:.=-]+"),
    re.compile(r"(?<=/events/feed/)[\w:=-]+"),
    re.compile(r"(?<=/events/registrations/)[\w:.=-]+"),
    re.compile(r"(?<=/messages/)[\w-]+:[\w-]+"),
    re.compile(r"(?i)(?<=ticket=)[^&\s\"']+"),
    re.compile(r"(?i)(?<=token=)[^&\s\"']+"),
    re.compile(r"(?i)(?<=password=)[^&\s\"']+"),
    # user:password@host of a connection string.
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
]
HIDDEN = "[hidden]"


def without_secrets(text: str) -> str:
    """``text`` with tokens, passwords and link secrets replaced by ``[hidden]``."""
    for pattern in SECRET_TEXT:
        text = pattern.sub(HIDDEN, text)
    return text


def _harmless(name: str, value: Any) -> Any:
    """``value``, however deep, without what is secret by its name or its look."""
    if SECRET_NAMES.search(name):
        return HIDDEN
    if isinstance(value, dict):
        return {str(key): _harmless(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_harmless("", item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_secrets(str(value))


class ContextFilter(logging.Filter):
    """Puts request, church and user on each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = context.request_id.get()
        record.church = context.owner_id.get()
        record.user = context.user_id.get()
        return True


class JSONFormatter(JsonFormatter):
    """One JSON object a line: time, level, logger, message, request_id, church, user and extras."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s %(church)s %(user)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            datefmt="%Y-%m-%dT%H:%M:%S%z",
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        # Django hands the request along, whose text holds its query.
        log_data.pop("request", None)
        return super().process_log_record({name: _harmless(name, value) for name, value in log_data.items()})
