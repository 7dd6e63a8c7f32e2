"""Pages of visits besides the list and the form, each with its address, permission and methods.

    @visit_pages.page("<uuid:visit_id>/cancel/", "visit_cancel", permission="visits:write", methods=["POST"])
    def cancel(request, visit):
        ...

The address stands below that of the list. ``visit_id`` in it is the visit, as whoever asks may see it, or
404. Whoever lacks the permission gets 403 before anything is looked up.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from tenants.guarded_pages import GuardedPages
from tenants.sites import church_site
from visits.models import Visit

BOTH = ("GET", "HEAD", "POST")


def _visit(request: HttpRequest, identifier: Any) -> Visit:
    user: Any = request.user
    visit: Visit = get_object_or_404(Visit.objects.seen_by(user).with_people(), pk=identifier)
    return visit


visit_pages = GuardedPages("visit", _visit)


def shown(request: HttpRequest, template: str, title: Any, **content: Any) -> TemplateResponse:
    """A page among those of visits; no cache may keep it."""
    context = {**church_site.each_context(request), "opts": Visit._meta, "title": title, **content}
    return TemplateResponse(request, template, context, headers={"Cache-Control": "private, no-store"})
