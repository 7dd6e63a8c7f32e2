"""The public pages of prayer on a church's host: the wall, the form, and the requester's own page.

They work without a script, and none is allowed on them. Whoever is signed in to the church's pages is a
visitor here like everybody else: nothing that they do is written down under their name.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core import context
from core.network import address_bucket, client_address
from core.rate_limits import Limit, TooManyRequestsError, count
from tenants.context import current_church

from . import domain, requester, visibility
from .browsers import browser_of, name_browser
from .forms import AskForm, WriteAgainForm, category_name
from .links import request_behind
from .models import PrayerRequest
from .praying import pray
from .wall import page_of_wall, place_from, prayed_for
from .wall_settings import has_wall

# For each address: a whole congregation may sit behind one.
LOOKS = Limit("prayer-looks", 600, 15 * 60)
PRAYERS = Limit("prayer-prayers", 300, 60 * 60)
REQUESTS = Limit("prayer-requests", 20, 60 * 60)
OWN_PAGES = Limit("prayer-own-pages", 120, 15 * 60)
POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "connect-src": [NONE],
    "font-src": [NONE],
    "media-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """A page for anybody: no script, no cache, no name of whoever is signed in, 429 past a limit.

    The referrer is the host alone: an address here may hold a secret, and forms need an ``Origin``.
    """

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        request.user = AnonymousUser()
        # Not put back: the line in the log about this request names nobody either.
        context.user_id.set("")
        context.user_name.set("")
        context.origin.set("web")
        try:
            response = view(request, **kwargs)
        except TooManyRequestsError as error:
            response = _page(request, "prayer/too_many.html", 429, title=_("Please wait a little"))
            response["Retry-After"] = str(error.retry_after)
        except PrayerRequest.DoesNotExist as gone:
            raise Http404 from gone
        response["Referrer-Policy"] = "strict-origin"
        # What somebody asks prayer for is for those who pray, and not to be found by their name.
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    public: Any = never_cache(csp_replace(POLICY)(guarded))
    return public


def _counted(limit: Limit, request: HttpRequest) -> None:
    count(limit, address_bucket(client_address(request)))


def _page(request: HttpRequest, template: str, status: int = 200, **content: Any) -> HttpResponse:
    shown = {"church": current_church(), "has_wall": has_wall(), **content}
    return render(request, template, shown, status=status)


def _demand_wall() -> None:
    if not has_wall():
        raise Http404


def _row(request: PrayerRequest, prayed: set[uuid.UUID]) -> dict[str, Any]:
    return {
        "request": request,
        "name": visibility.name_on_the_wall(request),
        "category": category_name(request.category),
        "is_answered": request.status == PrayerRequest.Status.ANSWERED,
        "testimony": request.testimony if request.testimony_is_public else "",
        "updates": getattr(request, "public_updates", []),
        "have_prayed": request.pk in prayed,
    }


@public_page
@require_http_methods(["GET", "HEAD"])
def wall(request: HttpRequest) -> HttpResponse:
    """What is published, the newest first, page by page."""
    _demand_wall()
    _counted(LOOKS, request)
    behind, before = request.GET.get("older", ""), request.GET.get("newer", "")
    page = page_of_wall(behind=behind, before=before)
    prayed = prayed_for(page.requests, browser=browser_of(request))
    here = {name: value for name, value in (("older", behind), ("newer", before)) if place_from(value)}
    response = _page(
        request,
        "prayer/wall.html",
        title=_("Prayer wall"),
        rows=[_row(row, prayed) for row in page.requests],
        page=page,
        here=here,
        is_first=not here,
        asked="asked" in request.GET,
        no_cookie="no-cookie" in request.GET,
    )
    name_browser(request, response)
    return response


@public_page
@require_POST
def pray_for(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Counts a prayer of this browser and goes back to where it was said."""
    _demand_wall()
    _counted(PRAYERS, request)
    found = get_object_or_404(PrayerRequest.objects.on_the_wall(), pk=request_id)
    here = {name: request.POST.get(name, "") for name in ("older", "newer")}
    query = {name: value for name, value in here.items() if place_from(value)}
    if browser := browser_of(request):
        pray(request=found, browser=browser)
    else:
        query["no-cookie"] = "1"
    address = f"{reverse('prayer_wall')}?{urlencode(query)}" if query else reverse("prayer_wall")
    return HttpResponseRedirect(f"{address}#request-{found.pk}")


@sensitive_post_parameters()
@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form; what was sent leads to the requester's own page, whose address is their secret link."""
    _demand_wall()
    if request.method != "POST":
        _counted(LOOKS, request)
        response = _page(request, "prayer/ask.html", title=_("Ask for prayer"), form=AskForm())
        name_browser(request, response)
        return response
    _counted(REQUESTS, request)
    form = AskForm(request.POST)
    if form.is_valid():
        if form.is_of_a_program:
            return HttpResponseRedirect(f"{reverse('prayer_wall')}?asked=1")
        try:
            made = domain.submit_request(
                source=PrayerRequest.Source.WALL,
                sender=address_bucket(client_address(request)),
                **form.wishes(),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            return HttpResponseRedirect(f"{reverse('prayer_own', args=[made.secret])}?new=1")
    return _page(request, "prayer/ask.html", 400, title=_("Ask for prayer"), form=form)


@sensitive_post_parameters()
@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, secret: str) -> HttpResponse:
    """What the requester sees and does. Looking at it changes nothing."""
    _counted(OWN_PAGES, request)
    form = WriteAgainForm()
    if request.method == "POST":
        verb = request.POST.get("verb", "")
        if verb == "write":
            form = WriteAgainForm(request.POST)
        if verb != "write" or form.is_valid():
            try:
                _do(verb, secret, form)
            except ValidationError as refusal:
                form.refuse(refusal)
            else:
                return HttpResponseRedirect(f"{reverse('prayer_own', args=[secret])}?done={verb}")
    found = request_behind(secret)
    return _page(
        request,
        "prayer/own.html",
        400 if form.errors else 200,
        title=_("Your prayer request"),
        request_shown=found,
        updates=visibility.updates_for_requester(found),
        form=form,
        is_new="new" in request.GET,
        done=request.GET.get("done", ""),
        link=request.build_absolute_uri(request.path),
        on_the_wall=PrayerRequest.objects.on_the_wall().filter(pk=found.pk).exists(),
        has_address=bool(found.guest_email or found.requester_id),
    )


def _do(verb: str, secret: str, form: WriteAgainForm) -> None:
    match verb:
        case "write":
            requester.write_again(secret=secret, update_text=form.cleaned_data["update_text"])
        case "withdraw":
            requester.withdraw(secret=secret)
        case "off-the-wall":
            requester.take_off_the_wall(secret=secret)
        case "mails" | "no-mails":
            requester.wish_mails(secret=secret, wanted=verb == "mails")
        case _:
            raise Http404


urlpatterns = [
    path("prayer/", wall, name="prayer_wall"),
    path("prayer/ask/", ask, name="prayer_ask"),
    path("prayer/mine/<str:secret>/", own, name="prayer_own"),
    path("prayer/<uuid:request_id>/pray/", pray_for, name="prayer_pray_for"),
]
