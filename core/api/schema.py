"""The API's description in OpenAPI 3, with what every endpoint has in common."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from .idempotency import HEADER
from .permissions import PUBLIC

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
MEANINGS = {
    "400": "Some fields are not valid",
    "401": "No token, or a bad one",
    "403": "The role lacks the permission",
    "404": "Absent, or of another church",
    "409": "Contradicts the present state",
    "415": "The body's type is not one of those offered",
    "429": "Too many requests; see Retry-After",
}


def problem_answer(status: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": MEANINGS[status],
        "content": {"application/problem+json": {"schema": PROBLEM}},
    }
    if status == "429":
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "required": True}}
    return answer


class Description(AutoSchema):
    """Adds the problems that each operation may answer, and ``Idempotency-Key`` where it counts."""

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
                    description="The same key and body give the same answer once, for 24 hours.",
                )
            ]
        return []

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        statuses = ["400", "404", "429"]
        if self.view.area != PUBLIC:
            statuses += ["401", "403"]
        if self.method in {"POST", "PUT", "PATCH", "DELETE"}:
            statuses += ["409", "415"]
        for status in statuses:
            operation["responses"].setdefault(status, problem_answer(status))
        return operation
