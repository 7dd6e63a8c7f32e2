"""Response bodies."""

from __future__ import annotations

import json
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from rest_framework import exceptions, renderers
from rest_framework.request import override_method


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
    """The browsable API. DRF's forms are left out: they would list every choice of every relation.

    In their place stands one panel that sends JSON by any method that the user may use, filled with
    what the endpoint takes.
    """

    template = "rest_framework/api.html"

    def get_default_renderer(self, view: Any) -> Any:
        return IndentedRenderer()

    def show_form_for_method(self, view: Any, method: str, request: Any, obj: Any) -> bool:
        return False

    def get_context(self, data: Any, accepted_media_type: Any, renderer_context: Any) -> dict[str, Any]:
        context = super().get_context(data, accepted_media_type, renderer_context)
        view, request = renderer_context["view"], renderer_context["request"]
        methods = [
            method
            for method in ("POST", "PUT", "PATCH", "DELETE")
            if method in view.allowed_methods and self._may(view, request, method)
        ]
        takes_json = any(parser.media_type == "application/json" for parser in view.parser_classes)
        if not takes_json or not request.user.is_authenticated:
            methods = []
        bodies = {method: self._body_for(view, method, data) for method in methods if method != "DELETE"}
        return {**context, "methods": methods, "sendable": bodies}

    def _may(self, view: Any, request: Any, method: str) -> bool:
        """Whether who reads this page may use ``method`` here."""
        with override_method(view, request, method) as asked:
            try:
                view.check_permissions(asked)
            except (exceptions.APIException, PermissionDenied):
                return False
        return True

    def _body_for(self, view: Any, method: str, data: Any) -> str:
        """What ``method`` takes, as JSON: the present values where there are some."""
        present = data if isinstance(data, dict) and "results" not in data else {}
        try:
            with override_method(view, view.request, method):
                fields = view.get_serializer().fields
        except (AttributeError, AssertionError):
            # An endpoint without a serializer of its own; its description says what it takes.
            return "{}"
        taken = {name: field for name, field in fields.items() if not field.read_only}
        body = {name: present.get(name, field.get_initial()) for name, field in taken.items()}
        if method == "PATCH":
            body = {}
        return _json(body, orjson.OPT_INDENT_2).decode()


class IndentedRenderer(JSONRenderer):
    """JSON for people's eyes."""

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        return _json(data, orjson.OPT_INDENT_2)
