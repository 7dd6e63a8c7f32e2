"""The pages behind the links in each message, for anybody who has one.

``GET`` shows and changes nothing: programs that look for dangerous mail follow every link. ``POST`` acts,
without a cookie and without a token against forgery, since mail providers post by themselves (RFC 8058);
the link is the proof. No page tells whether a link never was, was another church's, or is of a person who
is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from automation.models import AutomatedMessage, Channel, Topic
from core import context
from core.rate_limits import Limit, TooManyRequestsError, count
from tenants.context import current_church

from . import preferences
from .links import InvalidLinkError, message_of, token_of
from .masking import masked

# Of one link. Not of an address: a large provider declines for all its people from a few.
USES = Limit("message-link", 120, 15 * 60)
ONE_CLICK = b"List-Unsubscribe=One-Click"
POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}

View = Callable[..., HttpResponse]


def behind_link(view: View) -> View:
    """A page of one message: nobody is signed in, nothing is kept, nobody is told where from."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        request.user = AnonymousUser()
        # Not put back: the line in the log about this request names nobody either.
        context.user_id.set("")
        context.user_name.set("")
        context.origin.set("link")
        try:
            message = message_of(token)
            if message.message_type not in preferences.addresses_of(message):
                # Nobody knows any more whose it was.
                raise InvalidLinkError
            count(USES, str(message.pk))
            response = view(request, message)
        except InvalidLinkError:
            response = _page(request, "automation/link_invalid.html", 404, title=_("This link does not work"))
        except TooManyRequestsError as error:
            response = _page(request, "automation/too_many.html", 429, title=_("Please wait a little"))
            response["Retry-After"] = str(error.retry_after)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    public: Any = require_http_methods(["GET", "HEAD", "POST"])(guarded)
    for wrapped in (csp_replace(POLICY), never_cache, csrf_exempt, sensitive_post_parameters()):
        public = wrapped(public)
    return public


def _page(request: HttpRequest, template: str, status: int = 200, **content: Any) -> HttpResponse:
    return render(request, template, {"church": current_church(), **content}, status=status)


def _is_one_click(request: HttpRequest) -> bool:
    """Whether a mail provider speaks (RFC 8058), in either of the forms or without naming one."""
    if request.POST:
        return request.POST.get("List-Unsubscribe", "").strip().lower() == "one-click"
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data")
    return request.content_type not in kinds and ONE_CLICK in request.body


@behind_link
def unsubscribe(request: HttpRequest, message: AutomatedMessage) -> HttpResponse:
    """Declines what the message was about, at the address to which it went, and takes that back."""
    verb = request.POST.get("verb", "")
    if request.method == "POST":
        if _is_one_click(request) or verb == "decline":
            preferences.decline(message=message)
        elif verb == "undo":
            preferences.take_back(message=message)
        else:
            return _page(request, "automation/not_understood.html", 400, title=_("Not understood"))
    topic = preferences.topic_of(message)
    addresses = preferences.addresses_of(message)
    declined = preferences.declined_by(addresses)[message.message_type]
    is_declined = declined.everything or topic in declined.topics
    return _page(
        request,
        "automation/unsubscribe.html",
        title=_("You get no more of these") if is_declined else _("Do you want no more of these?"),
        topic=Topic(topic).label if topic else "",
        is_sms=message.message_type == Channel.SMS,
        address=masked(addresses[message.message_type][0]),
        is_declined=is_declined,
        declines_everything=declined.everything,
        is_undone=verb == "undo",
        token=token_of(message),
    )


@behind_link
def choices(request: HttpRequest, message: AutomatedMessage) -> HttpResponse:
    """Everything of which the person can hear, with a box for each way to hear of it."""
    said = ""
    if request.method == "POST":
        said = request.POST.get("verb", "")
        if said == "nothing":
            preferences.decline_everything(message=message)
        elif said == "save":
            asked = set(request.POST.getlist("asked")) & set(Channel.values)
            wanted = {channel: request.POST.getlist(channel) for channel in asked}
            preferences.choose(message=message, wanted=wanted)
        else:
            return _page(request, "automation/not_understood.html", 400, title=_("Not understood"))
    addresses = preferences.addresses_of(message)
    declined = preferences.declined_by(addresses)
    return _page(
        request,
        "automation/preferences.html",
        title=_("What you hear from us"),
        channels=list(addresses),
        rows=_rows(addresses, declined),
        said=said,
        by_stop=any(known.by_stop for known in declined.values()),
        token=token_of(message),
    )


def _rows(
    addresses: preferences.Addresses, declined: dict[str, preferences.Declined]
) -> list[dict[str, Any]]:
    """Each topic with a box for each way in which the person is reached."""
    return [
        {
            "topic": topic,
            "name": topic.label,
            "boxes": [
                {
                    "channel": channel,
                    "name": Channel(channel).label,
                    "address": masked(known[0]),
                    "is_on": not (declined[channel].everything or topic in declined[channel].topics),
                }
                for channel, known in addresses.items()
            ],
        }
        for topic in Topic
    ]


urlpatterns = [
    path("messages/<str:token>/unsubscribe", unsubscribe, name="message_unsubscribe"),
    path("messages/<str:token>/preferences", choices, name="message_preferences"),
]
