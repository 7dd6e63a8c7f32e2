"""Probes: ``/healthz`` says the process answers, ``/readyz`` that what it needs answers too."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, JsonResponse

logger = logging.getLogger(__name__)

Check = Callable[[], None]
_checks: dict[str, Check] = {}


class NotReadyError(Exception):
    """What a check raises when the thing that it asks is not usable; the text is for operators."""


def register(name: str, check: Check) -> None:
    """Adds a check to ``/readyz``. Rooms above core add theirs when they start."""
    _checks[name] = check


def check_database() -> None:
    connection.ensure_connection()
    if not connection.is_usable():
        raise NotReadyError("PostgreSQL does not answer.")


def check_redis() -> None:
    # Raises the client's own error when Redis does not answer.
    caches["counters"].get("ready")


def healthz(request: HttpRequest) -> JsonResponse:
    """200 ``{"status": "ok"}`` as long as the process can answer at all."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every check passes, else 503: ``{"status", "checks": {name: "ok" or "failed"}}``."""
    results: dict[str, str] = {}
    checks = {"database": check_database, **({"redis": check_redis} if settings.REDIS_URL else {}), **_checks}
    for name, check in checks.items():
        try:
            check()
        except Exception:
            # Whatever broke, the answer is the same; the reason is for the log, not the public.
            logger.exception("readiness check failed", extra={"check": name})
            results[name] = "failed"
        else:
            results[name] = "ok"
    ready = all(result == "ok" for result in results.values())
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "checks": results}, status=200 if ready else 503
    )
