"""Response bodies."""

from __future__ import annotations

import json
from typing import Any

import orjson
from rest_framework import renderers


def _plain(value: Any) -> str:
    """Text of what JSON does not know: translated strings, Decimal; UUIDs and dates without orjson."""
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def _json(data: Any, option: int | None = None) -> bytes:
    try:
        return orjson.dumps(data, default=_plain, option=option)
    except orjson.JSONEncodeError:
        # PostgreSQL keeps 1e30 as a whole number of 31 digits, which Python reads and orjson refuses.
        return json.dumps(data, default=_plain, ensure_ascii=False, indent=2 if option else None).encode()


class JSONRenderer(renderers.JSONRenderer):
    """JSON through orjson. UUIDs and dates need no conversion; times come out ISO 8601 in UTC."""

    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        return _json(data)


class PagesRenderer(renderers.BrowsableAPIRenderer):
    """The browsable API, its forms left out: they would list every choice of every relation."""

    template = "rest_framework/api.html"

    def get_default_renderer(self, view: Any) -> Any:
        return IndentedRenderer()

    def show_form_for_method(self, view: Any, method: str, request: Any, obj: Any) -> bool:
        return False


class IndentedRenderer(JSONRenderer):
    """JSON for people's eyes."""

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        return _json(data, orjson.OPT_INDENT_2)
