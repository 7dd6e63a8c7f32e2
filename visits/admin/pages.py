"""Pages of visits besides the list and the form, each with its address, permission and methods.

    @visit_pages.page("<uuid:visit_id>/cancel/", "visit_cancel", permission="visits:write", methods=["POST"])
    def cancel(request, visit):
        ...

The address stands below that of the list. ``visit_id`` in it is the visit, as whoever asks may see it, or
404. Whoever lacks the permission gets 403 before anything is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from core.admin import may
from tenants.sites import church_site
from visits.models import Visit

View = Callable[..., HttpResponse]
BOTH = ("GET", "HEAD", "POST")


class VisitPages:
    """The register of those pages, from which ``VisitAdmin`` takes its addresses."""

    def __init__(self) -> None:
        self._pages: list[tuple[str, str, View]] = []

    def page(
        self, route: str, name: str, *, permission: str, methods: Sequence[str] = ("GET", "HEAD")
    ) -> Callable[[View], View]:
        """Adds a page, reversed as ``admin:<name>``."""

        def add(view: View) -> View:
            @wraps(view)
            def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
                if not may(request, permission):
                    raise PermissionDenied
                if "visit_id" in kwargs:
                    user: Any = request.user
                    visits = Visit.objects.seen_by(user).with_people()
                    kwargs["visit"] = get_object_or_404(visits, pk=kwargs.pop("visit_id"))
                if request.method not in methods:
                    return HttpResponseNotAllowed(methods)
                try:
                    return view(request, **kwargs)
                except ObjectDoesNotExist as gone:
                    # Somebody else deleted it in the meantime.
                    raise Http404 from gone

            self._pages.append((route, name, guarded))
            return view

        return add

    def urls(self) -> list[URLPattern]:
        """The addresses, each closed to whoever is not signed in."""
        return [path(route, church_site.admin_view(view), name=name) for route, name, view in self._pages]


visit_pages = VisitPages()


def shown(request: HttpRequest, template: str, title: Any, **content: Any) -> TemplateResponse:
    """A page among those of visits; no cache may keep it."""
    context = {**church_site.each_context(request), "opts": Visit._meta, "title": title, **content}
    return TemplateResponse(request, template, context, headers={"Cache-Control": "private, no-store"})
