"""``request.user`` of a browser's session."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.utils.functional import SimpleLazyObject

from . import domain


class SessionUserMiddleware(AuthenticationMiddleware):
    """As Django's, but a session counts only as long as its row stands (``domain.user_of``)."""

    def process_request(self, request: Any) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: domain.user_of(request))
        request.auser = lambda: sync_to_async(domain.user_of)(request)
