"""The pages “Notifications” and “How you are told” of a church's site."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from tenants.sites import AdminSite, church_site

from . import domain
from .models import Choice, Notification

PER_PAGE = 50
# Of a preference's field in the form.
PREFIX = "kind:"


@never_cache
def notifications(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """One's own notifications, the newest first; opens one of them, or marks some as read."""
    user: Any = request.user
    if request.method == "POST":
        return _marked(request, user)
    only_unread = request.GET.get("show") == "unread"
    rows = Notification.objects.shown_to(user)
    page = Paginator(rows.unread() if only_unread else rows, PER_PAGE).get_page(request.GET.get("page"))
    content = {
        "title": _("Notifications"),
        "page": page,
        "only_unread": only_unread,
        "unread": domain.unread_count(user),
        # What comes in while one reads stays unread.
        "newest": max((row.number for row in page), default=0) if page.number == 1 else "",
    }
    return render(request, "notifications/list.html", {**site.each_context(request), **content})


def _marked(request: HttpRequest, user: Any) -> HttpResponse:
    up_to = request.POST.get("up_to", "")
    if request.POST.get("read") == "all":
        number = int(up_to) if up_to.isascii() and up_to.isdigit() and len(up_to) <= 18 else None
        domain.mark_all_read(user=user, up_to=number)
        messages.success(request, _("All notifications are marked as read."))
        return redirect("admin:notifications")
    is_opened = "open" in request.POST
    wanted = request.POST.get("open") or request.POST.get("read", "")
    try:
        notification = domain.mark_read(user=user, notification_id=UUID(wanted))
    except (ValueError, Notification.DoesNotExist):
        messages.error(request, _("This notification is no longer there."))
        return redirect("admin:notifications")
    if is_opened and url_has_allowed_host_and_scheme(notification.url, allowed_hosts=None):
        return redirect(notification.url)
    return redirect("admin:notifications")


@never_cache
def preferences(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """How one wants to be told, for each kind of which one may be."""
    user: Any = request.user
    if request.method == "POST":
        chosen = {
            name.removeprefix(PREFIX): str(value)
            for name, value in request.POST.items()
            if name.startswith(PREFIX)
        }
        try:
            domain.set_preferences(user=user, choices=chosen)
        except ValidationError as refusal:
            for text in refusal.messages:
                messages.error(request, text)
        else:
            messages.success(request, _("Your choice is saved."))
        return redirect("admin:notification_preferences")
    content = {
        "title": _("How you are told"),
        "preferences": [
            {"kind": kind, "field": f"{PREFIX}{kind.name}", "choice": choice}
            for kind, choice in domain.preferences_of(user)
        ],
        "choices": Choice.choices,
    }
    return render(request, "notifications/preferences.html", {**site.each_context(request), **content})


church_site.add_page("notifications/", notifications, "notifications")
church_site.add_page("notifications/preferences/", preferences, "notification_preferences")
