"""The form of the API's errors (RFC 9457)."""

from __future__ import annotations

import json
from typing import Any


def assert_problem(answer: Any, status: int, *fields: str) -> dict[str, Any]:
    """The problem that ``answer`` is; every one of ``fields`` must be complained of."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content)
    assert set(body) == {"type", "title", "status", "detail"} | ({"errors"} if "errors" in body else set())
    assert body["type"] == "about:blank"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert all(isinstance(texts, list) and texts for texts in body.get("errors", {}).values())
    assert set(fields) <= set(body.get("errors", {})), body
    return body
