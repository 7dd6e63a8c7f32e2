"""The answer in which a calendar is sent, with an ETag (RFC 9110, 8.8.3)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags, quote_etag

from tenants.context import current_church

from .documents import document_of, version_of

CONTENT_TYPE = "text/calendar; charset=utf-8"


def calendar_answer(request: HttpRequest, events: Any, *, caching: str) -> HttpResponse:
    """The calendar of a queryset of events; 304 without a body where the client has it already."""
    church = current_church()
    etag = quote_etag(version_of(events, church))
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    answer: HttpResponse
    if etag in known or "*" in known:
        answer = HttpResponseNotModified()
    else:
        answer = HttpResponse(
            document_of(events, church, name=church.name),
            content_type=CONTENT_TYPE,
            headers={"Content-Disposition": 'inline; filename="events.ics"'},
        )
    answer["ETag"] = etag
    answer["Cache-Control"] = caching
    return answer
