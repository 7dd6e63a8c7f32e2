"""From the request's host to its church."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import set_urlconf
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.errors import error_response

from .context import enter_for_request, leave_for_request
from .hosts import church_of_host, is_platform, normalized_host


class ChurchMiddleware:
    """Enters the church of the host, or the platform on its own host; any other host is 404.

    The church is ``request.tenant`` (None on the platform). A suspended church answers 403. After
    the answer the connection stands in the platform's tables again, where a church's do not exist.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        leave_for_request()
        try:
            host = normalized_host(request.get_host())
        except DisallowedHost:
            return error_response(request, 400, _("The host name is not valid."))
        if is_platform(host):
            request.tenant = None
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            set_urlconf(request.urlconf)
            return self.get_response(request)
        church = church_of_host(host)
        if church is None:
            return error_response(request, 404, _("There is no church at this address."))
        if church.is_suspended:
            return error_response(request, 403, _("This church is suspended at the moment."))
        request.tenant = church
        enter_for_request(church)
        try:
            with translation.override(church.language), timezone.override(church.timezone):
                return self.get_response(request)
        finally:
            leave_for_request()
