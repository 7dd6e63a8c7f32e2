"""Error answers outside the API's views: a problem for programs, a plain page for people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .api.problems import problem, problem_json

TITLES = {
    400: gettext_lazy("Not understood"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    500: gettext_lazy("Something went wrong"),
}


def is_api(request: HttpRequest) -> bool:
    """Whether a program asked: everything below /api/, and the probes."""
    return request.path.startswith(("/api/", "/healthz", "/readyz"))


def error_response(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    """An answer with ``status`` whose ``detail`` a person may read."""
    if is_api(request):
        return problem_json(problem(status, detail))
    page = render_to_string(
        "error.html", {"status": status, "title": TITLES.get(status, status), "detail": detail}
    )
    return HttpResponse(page, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return error_response(request, 400, _("The request could not be read."))


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return error_response(request, 403, _("You do not have permission to do this."))


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return error_response(request, 404, _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    return error_response(request, 500, _("Something went wrong on our side. It has been recorded."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_response(
        request, 403, _("This form was open for too long or came from another site. Reload the page.")
    )
