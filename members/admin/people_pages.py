"""Pages of people besides the list and the form, each with its address, permission and methods.

    @people_pages.page("<uuid:person_id>/visits/", "person_visits", permission="visits:read")
    def visits(request, person):
        ...

The address stands below that of the list. ``person_id`` in it is the person, found in this church or
404, and handed over as ``person``. Whoever lacks the permission gets 403 before anything is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from core.admin import may
from members.models import Member
from tenants.sites import church_site

View = Callable[..., HttpResponse]


class PeoplePages:
    """The register of those pages, from which ``MemberAdmin`` takes its addresses."""

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
                if "person_id" in kwargs:
                    kwargs["person"] = get_object_or_404(Member, pk=kwargs.pop("person_id"))
                if request.method not in methods:
                    return HttpResponseNotAllowed(methods)
                try:
                    return view(request, **kwargs)
                except ObjectDoesNotExist as gone:
                    # Somebody else deleted it, or merged the person away, in the meantime.
                    raise Http404 from gone

            self._pages.append((route, name, guarded))
            return view

        return add

    def urls(self) -> list[URLPattern]:
        """The addresses, each closed to whoever is not signed in."""
        return [path(route, church_site.admin_view(view), name=name) for route, name, view in self._pages]


people_pages = PeoplePages()


def page_url(name: str, *arguments: Any) -> str:
    """Address of one of these pages."""
    return reverse(f"admin:{name}", args=arguments)


def shown(request: HttpRequest, template: str, title: Any, **content: Any) -> TemplateResponse:
    """A page among those of people; no cache may keep it."""
    context = {**church_site.each_context(request), "opts": Member._meta, "title": title, **content}
    return TemplateResponse(request, template, context, headers={"Cache-Control": "private, no-store"})
