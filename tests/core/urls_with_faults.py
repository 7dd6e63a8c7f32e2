"""The church's addresses and, before them, some that break."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from churchsaas.urls import church
from core.api.views import AreaView

handler400 = church.handler400
handler403 = church.handler403
handler404 = church.handler404
handler500 = church.handler500

SECRET = "password=hunter2 postgresql://user:hunter2@db/x"


class FaultView(AreaView):
    """An endpoint that breaks."""

    area = "public"

    def get(self, request: Request) -> Response:
        raise RuntimeError(SECRET)

    def post(self, request: Request) -> Response:
        raise RuntimeError(f"{SECRET} {request.data}")


def fault(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied(SECRET)


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation(SECRET)


class TakenView(AreaView):
    """An endpoint at which PostgreSQL tells somebody's address."""

    area = "signed-in"

    def post(self, request: Request) -> Response:
        user = request.user
        User(email=str(user.email), tenant_id=user.tenant_id, role="staff").save(force_insert=True)
        return Response()


urlpatterns: list[Any] = [
    path("api/fault", FaultView.as_view()),
    path("api/taken", TakenView.as_view()),
    path("fault", fault),
    path("forbidden", forbidden),
    path("suspicious", suspicious),
    *church.urlpatterns,
]
