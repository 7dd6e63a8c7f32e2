"""Pages of a church's admin besides lists and forms, each with its address, permission and methods.

    people_pages = GuardedPages("person", find_person)

    @people_pages.page("<uuid:person_id>/visits/", "person_visits", permission="visits:read")
    def visits(request, person):
        ...

Whoever lacks the permission gets 403 before anything is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path

from core.admin import may

from .sites import church_site

View = Callable[..., HttpResponse]
Finder = Callable[[HttpRequest, Any], Any]


class GuardedPages:
    """The register of such pages, from which a ModelAdmin takes its addresses.

    With ``argument="person"``, ``person_id`` in an address is handed over as ``person``, found by ``find``
    (request, id), which raises Http404.
    """

    def __init__(self, argument: str = "", find: Finder | None = None) -> None:
        self._argument, self._find = argument, find
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
                if self._find is not None and f"{self._argument}_id" in kwargs:
                    kwargs[self._argument] = self._find(request, kwargs.pop(f"{self._argument}_id"))
                if request.method not in methods:
                    return HttpResponseNotAllowed(methods)
                try:
                    return view(request, **kwargs)
                except ObjectDoesNotExist as gone:
                    # Somebody else deleted it, or merged it away, in the meantime.
                    raise Http404 from gone

            self._pages.append((route, name, guarded))
            return view

        return add

    def urls(self) -> list[URLPattern]:
        """The addresses, each closed to whoever is not signed in."""
        return [path(route, church_site.admin_view(view), name=name) for route, name, view in self._pages]
