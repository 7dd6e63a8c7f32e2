"""Response bodies."""

from __future__ import annotations

from typing import Any

import orjson
from rest_framework import renderers


def _plain(value: Any) -> str:
    """Text of what orjson does not know: translated strings, Decimal."""
    return str(value)


class JSONRenderer(renderers.JSONRenderer):
    """JSON through orjson. UUIDs and dates need no conversion; times come out ISO 8601 in UTC."""

    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=_plain)


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
        return orjson.dumps(data, default=_plain, option=orjson.OPT_INDENT_2)
