"""The API's description in OpenAPI 3, with what every endpoint has in common."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, get_lib_doc_excludes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from .idempotency import HEADER, KEY
from .permissions import PUBLIC
from .serializers import ModelSerializer, Serializer

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details; with status 400, what is wrong with each field.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
MEANINGS = {
    "400": "The request cannot be read, or some fields are not valid",
    "401": "No token, or one that is not valid here",
    "403": "The role lacks the permission, or the church is suspended",
    "404": "Absent, or of another church",
    "406": "None of the forms that the client takes is offered",
    "409": "Contradicts the present state",
    "413": "The body is too large",
    "415": "The body's type is not one of those offered",
    "429": "Too many requests; see Retry-After",
    "503": "Something that is needed does not answer now; see Retry-After",
}
OF_ALL = ("400", "403", "404", "406", "429")
OF_WRITES = ("409", "413", "415")
# At least one character that Python's str.strip() leaves. What \s means differs between languages.
NOT_BLANK = r"[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
WRITES = {"POST", "PUT", "PATCH", "DELETE"}


def bases_without_text() -> list[type]:
    """Classes whose docstrings are for programmers: what inherits one has no text of its own."""
    return [*get_lib_doc_excludes(), Serializer, ModelSerializer]


class Description(AutoSchema):
    """Adds the problems that each operation may answer, and ``Idempotency-Key`` where it counts."""

    # Always one of core.api.views, which have an area.
    view: Any

    def get_tags(self) -> list[str]:
        return [self.view.area]

    def get_override_parameters(self) -> list[Any]:
        handler = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        if self.method == "POST" and getattr(handler, "creates", False):
            return [
                OpenApiParameter(
                    HEADER,
                    str,
                    OpenApiParameter.HEADER,
                    pattern=f"^{KEY.pattern}$",
                    description="The same key and body give the same answer once, for 24 hours.",
                )
            ]
        return []

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        statuses = [*OF_ALL, *self.view.further_statuses]
        if self.view.area != PUBLIC:
            statuses.append("401")
        if self.method in WRITES:
            statuses.extend(OF_WRITES)
        for status in statuses:
            operation["responses"].setdefault(status, self._problem(status))
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def _problem(self, status: str) -> dict[str, str]:
        """A reference to the answer with ``status``, which is described once for all operations."""
        body = self._registered("Problem", ResolvedComponent.SCHEMA, PROBLEM)
        answer: dict[str, Any] = {
            "description": MEANINGS[status],
            "content": {"application/problem+json": {"schema": body}},
        }
        if status in {"429", "503"}:
            answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "required": True}}
        return self._registered(f"Problem{status}", "responses", answer)

    def _registered(self, name: str, kind: str, schema: dict[str, Any]) -> dict[str, str]:
        component = ResolvedComponent(name=name, type=kind, schema=schema, object=name)
        self.registry.register_on_missing(component)
        reference: dict[str, str] = component.ref
        return reference

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Any:
        schema: Any = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]  # drf-spectacular's is
        if isinstance(field, serializers.ListField) and direction == "request" and not field.allow_empty:
            schema.setdefault("minItems", 1)
        blank_is_empty = (
            direction == "request"
            and type(field) is serializers.CharField
            and field.trim_whitespace
            and not field.allow_blank
        )
        if blank_is_empty:
            # Blanks around a text are taken off, and nothing may not be left.
            schema.setdefault("pattern", NOT_BLANK)
        return schema
