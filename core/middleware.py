"""Request id, log context and security headers."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from . import context
from .errors import error_response

logger = logging.getLogger("churchsaas.requests")

Respond = Callable[[HttpRequest], HttpResponseBase]
REQUEST_ID = re.compile(r"[\w-]{8,64}")


class RequestContextMiddleware:
    """Gives each request an id, answers it in ``X-Request-ID`` and writes one log line about it.

    An id sent by the client is taken over only from behind a trusted proxy.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        trusted = settings.TRUSTED_PROXIES and REQUEST_ID.fullmatch(sent)
        identifier = sent if trusted else uuid.uuid4().hex
        tokens = [
            (context.request_id, context.request_id.set(identifier)),
            (context.owner_id, context.owner_id.set("")),
        ]
        started = time.monotonic()
        try:
            with context.working_for(None, come_from="web"):
                response = self.get_response(request)
                response["X-Request-ID"] = identifier
                logger.info(
                    "request",
                    extra={
                        "method": request.method,
                        "path": request.path,
                        "status": response.status_code,
                        "milliseconds": round((time.monotonic() - started) * 1000, 1),
                    },
                )
                return response
        finally:
            for variable, token in tokens:
                variable.reset(token)


class SecurityHeadersMiddleware:
    """The headers of the helmet set that do not depend on the page; CSP is django-csp's."""

    HEADERS = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Origin-Agent-Cluster": "?1",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "X-DNS-Prefetch-Control": "off",
        "X-Download-Options": "noopen",
        "X-Frame-Options": "DENY",
        "X-Permitted-Cross-Domain-Policies": "none",
        "X-XSS-Protection": "0",
    }

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response
        # Browsers ignore it on plain HTTP, so that it need not depend on the connection.
        self.headers = {**self.HEADERS, "Strict-Transport-Security": settings.STRICT_TRANSPORT_SECURITY}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        return response


class NoNulMiddleware:
    """Refuses a NUL in address or cookie with 400: PostgreSQL cannot have one in a text.

    Bodies are looked at by whoever reads them (the JSON parser, the fields of forms).
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        in_address = "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path
        # A quoted cookie may write any byte in octal, "\000" for one.
        if in_address or any("\x00" in value for value in request.COOKIES.values()):
            return error_response(request, 400, _("The request contains a NUL character."))
        return self.get_response(request)
