"""Errors as RFC 9457 problem details."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404, HttpResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from core.rate_limits import TooManyRequestsError
from core.unavailable import ServiceUnavailableError

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


class ConflictError(exceptions.APIException):
    """409: the request contradicts the present state.

    ``further`` is what the problem says besides (RFC 9457, 3.2), in JSON's types.
    """

    further: Mapping[str, Any] = {}

    status_code = 409
    default_detail = _("The request contradicts the present state.")
    default_code = "conflict"


class UnavailableError(exceptions.APIException):
    """503: something that is needed for it does not answer now."""

    status_code = 503
    default_code = "unavailable"
    wait = 60


class TooLargeError(exceptions.APIException):
    """413: the body is larger than what is taken."""

    status_code = 413
    default_detail = _("The body is too large.")
    default_code = "too_large"


def problem(status: int, detail: str, errors: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The body: ``type``, ``title``, ``status``, ``detail`` and, for fields, ``errors``."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors is not None:
        body["errors"] = errors
    return body


def problem_json(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=body["status"], content_type=CONTENT_TYPE)


def errors_by_field(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Flattens nested validation errors: ``{"address.city": ["…"], "tags.0": ["…"]}``."""
    if isinstance(detail, dict):
        flat: dict[str, list[str]] = {}
        for name, inner in detail.items():
            flat.update(errors_by_field(inner, f"{prefix}.{name}" if prefix else str(name)))
        return flat
    if isinstance(detail, list) and any(isinstance(item, (dict, list)) for item in detail):
        flat = {}
        for position, inner in enumerate(detail):
            if inner:
                flat.update(errors_by_field(inner, f"{prefix}.{position}" if prefix else str(position)))
        return flat
    texts = detail if isinstance(detail, list) else [detail]
    return {prefix or "non_field_errors": [str(text) for text in texts]}


def _as_api_exception(exception: Exception) -> exceptions.APIException | None:
    match exception:
        case exceptions.APIException():
            return exception
        case TooManyRequestsError():
            return exceptions.Throttled(wait=exception.retry_after)
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig():
            return TooLargeError()
        case TooManyFieldsSent() | TooManyFilesSent() | UnreadablePostError():
            return exceptions.ParseError(_("The body could not be read."))
        case ServiceUnavailableError():
            return UnavailableError(" ".join(exception.messages))
        case ModelValidationError():
            if hasattr(exception, "error_dict"):
                return exceptions.ValidationError(exception.message_dict)
            return exceptions.ValidationError({"non_field_errors": exception.messages})
    return None


def problem_response(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. Returns None for what is a fault of ours, so that it is recorded."""
    known = _as_api_exception(exception)
    if known is None:
        return None
    status = known.status_code
    if isinstance(known, exceptions.ValidationError):
        body = problem(status, str(_("Some fields are not valid.")), errors_by_field(known.detail))
    else:
        detail = known.detail
        # simplejwt puts its text one level down.
        body = problem(status, str(detail["detail"] if isinstance(detail, dict) else detail))
    body |= getattr(known, "further", {})
    headers = {}
    if authenticate := getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = authenticate
    if wait := getattr(known, "wait", None):
        headers["Retry-After"] = str(int(wait))
    renderer = getattr(context.get("request"), "accepted_renderer", None)
    shown_as_page = renderer is not None and renderer.format in {"api", "html"}
    return Response(
        body, status=status, headers=headers, content_type=None if shown_as_page else CONTENT_TYPE
    )
