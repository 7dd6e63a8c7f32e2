"""The secret address of a pastor's calendar, for devices that do not sign in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from .calendars import calendar_of_secret
from .feed import feed_of, headers_of, tag_of


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of the pastor who made the secret; 304 for who has it as it is; else 404."""
    calendar = calendar_of_secret(token)
    if calendar is None:
        raise Http404
    content = feed_of(calendar)
    tag = tag_of(content)
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    # Compared weakly (RFC 9110, 13.1.2): proxies that compress make a tag weak.
    if "*" in asked or tag in {known.removeprefix("W/") for known in asked}:
        return HttpResponse(status=304, headers=headers_of(tag))
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={**headers_of(tag), "Content-Disposition": 'inline; filename="visits.ics"'},
    )


urlpatterns = [path("visits/calendar/<str:token>.ics", feed, name="visits_feed")]
