"""How a prayer request looks on the team's pages, and where its pages are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from prayer import urgency, visibility
from prayer.forms import category_name
from prayer.models import PrayerRequest
from tenants.guarded_pages import GuardedPages
from tenants.sites import church_site

# Pages of prayer besides the list and the form; the addresses stand below that of the list.
prayer_pages = GuardedPages()

FLAG_NAMES = {
    urgency.SELF_HARM_FLAG: _("Words about self-harm"),
    urgency.ABUSE_FLAG: _("Words about abuse"),
    urgency.CHURCH_FLAG: _("Urgent words of the church"),
    urgency.MANY_FLAG: _("Many from one place"),
}


def request_url(request: PrayerRequest) -> str:
    """Address of the page of a request."""
    return reverse("admin:prayer_prayerrequest_change", args=[request.pk])


def shown(request: HttpRequest, template: str, title: Any, **content: Any) -> TemplateResponse:
    """A page among those of prayer; no cache may keep it."""
    context = {**church_site.each_context(request), "opts": PrayerRequest._meta, "title": title, **content}
    return TemplateResponse(request, template, context, headers={"Cache-Control": "private, no-store"})


def who_asked(user: Any, request: PrayerRequest) -> str:
    """Who asked, as ``user`` may know it, in words."""
    if name := visibility.name_for(user, request):
        return gettext("%(name)s (anonymous)") % {"name": name} if request.is_anonymous else name
    return gettext("Anonymous") if request.is_anonymous else gettext("Somebody")


def _marks_of(request: PrayerRequest) -> list[tuple[str, Any]]:
    marks: list[tuple[str, Any]] = []
    if request.is_urgent:
        marks.append(("bad", request.get_priority_display()))
    elif request.priority == PrayerRequest.Priority.HIGH:
        marks.append(("new", _("High priority")))
    if request.withdrawn_at:
        marks.append(("plain", _("Withdrawn")))
    elif request.status == PrayerRequest.Status.ANSWERED:
        marks.append(("good", request.get_status_display()))
    elif request.status == PrayerRequest.Status.CLOSED:
        marks.append(("plain", request.get_status_display()))
    if request.moderation == PrayerRequest.Moderation.PENDING:
        marks.append(("new", request.get_moderation_display()))
    elif request.moderation == PrayerRequest.Moderation.HIDDEN:
        marks.append(("plain", request.get_moderation_display()))
    else:
        marks.append(("plain", _("On the prayer wall") if request.is_public else _("For the team")))
    if request.category:
        marks.append(("tag", category_name(request.category)))
    return marks


def state_marks(request: PrayerRequest) -> SafeString:
    """Priority, state, review and category as short marks."""
    marks = format_html_join(" ", '<span class="mark mark-{}">{}</span>', _marks_of(request))
    return format_html('<span class="marks">{}</span>', marks)


def flag_names(request: PrayerRequest) -> list[str]:
    """What was noticed in the text, in words."""
    return [str(FLAG_NAMES.get(flag, flag)) for flag in request.flags]
