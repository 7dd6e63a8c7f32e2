"""The page “Where you are signed in”, on both admin sites."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from tenants.sites import AdminSite

from . import domain, querysets
from .devices import device

PER_PAGE = 50


@never_cache
def places(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Shows one's own logins and browsers, and ends one of them or all."""
    user: Any = request.user
    if request.method == "POST":
        return _ended(request, user)
    page = Paginator(querysets.places_of(user), PER_PAGE).get_page(request.GET.get("page"))
    shown = [
        {
            **place,
            "device": device(place["user_agent"]),
            "is_program": place["kind"] == querysets.API,
            "is_current": place["id"] == user.present_session,
        }
        for place in page
    ]
    content = {"title": _("Where you are signed in"), "places": shown, "page": page}
    return render(request, "accounts/places.html", {**site.each_context(request), **content})


def _ended(request: HttpRequest, user: Any) -> HttpResponse:
    wanted = request.POST.get("end", "")
    if wanted == "others":
        domain.end_all(user=user, keep=user.present_session)
        messages.success(request, _("You are signed out everywhere else."))
    elif wanted == "all":
        domain.end_all(user=user)
        return redirect("admin:login")
    elif _is_id(wanted) and domain.end(user=user, session_id=UUID(wanted)):
        messages.success(request, _("You are signed out there."))
    return redirect("admin:places")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def add_to(site: AdminSite) -> None:
    """Gives an admin site this page."""
    site.add_page("signed-in/", places, "places")
