"""Pages of people besides the list and the form, each with its address, permission and methods.

    @people_pages.page("<uuid:person_id>/visits/", "person_visits", permission="visits:read")
    def visits(request, person):
        ...

The address stands below that of the list. ``person_id`` in it is the person, found in this church or
404, and handed over as ``person``. Whoever lacks the permission gets 403 before anything is looked up.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from members.models import Member
from tenants.guarded_pages import GuardedPages
from tenants.sites import church_site


def _person(request: HttpRequest, identifier: Any) -> Member:
    return get_object_or_404(Member, pk=identifier)


people_pages = GuardedPages("person", _person)


def page_url(name: str, *arguments: Any) -> str:
    """Address of one of these pages."""
    return reverse(f"admin:{name}", args=arguments)


def shown(request: HttpRequest, template: str, title: Any, **content: Any) -> TemplateResponse:
    """A page among those of people; no cache may keep it."""
    context = {**church_site.each_context(request), "opts": Member._meta, "title": title, **content}
    return TemplateResponse(request, template, context, headers={"Cache-Control": "private, no-store"})
