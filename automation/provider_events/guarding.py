"""What every webhook of a provider has around it: a size, a limit, and a refusal that tells nothing.

Providers report by the ten thousand from a few addresses, so what is limited tightly is what came without
the right secret; whatever else comes is limited by what one machine can take.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from core import context
from core.errors import error_response
from core.network import address_bucket, client_address
from core.rate_limits import Limit, TooManyRequestsError, count, give_back

REPORTS = Limit("webhooks", 12_000, 60)
REFUSED = Limit("webhooks-refused", 60, 15 * 60)

View = Callable[..., HttpResponse]


class RefusedError(Exception):
    """The request is not from whom it says. ``asks`` for the name and password (401), or 403."""

    def __init__(self, *, asks: bool = False) -> None:
        super().__init__()
        self.asks = asks


class MalformedError(Exception):
    """It comes from whom it says, and cannot be read."""


def webhook(*, largest: int) -> Callable[[View], View]:
    """Makes ``view`` the receiver of what a provider posts, of ``largest`` octets at most.

    It raises RefusedError before it does anything, MalformedError, or Http404.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            context.origin.set("webhook")
            if request.method not in {"POST", "HEAD"}:
                return HttpResponseNotAllowed(["POST"])
            bucket = address_bucket(client_address(request))
            try:
                count(REPORTS, bucket)
                count(REFUSED, bucket)
                response = _answer(view, request, largest, kwargs)
            except TooManyRequestsError as error:
                response = error_response(request, 429, _("Too many requests. Try again later."))
                response["Retry-After"] = str(error.retry_after)
            except RefusedError as refusal:
                response = error_response(request, 401 if refusal.asks else 403, _("This is not signed."))
                if refusal.asks:
                    response["WWW-Authenticate"] = 'Basic realm="webhooks"'
            else:
                give_back(REFUSED, bucket)
            return response

        exempt: Any = csrf_exempt(never_cache(guarded))
        return sensitive_post_parameters()(exempt)

    return wrap


def _answer(view: View, request: HttpRequest, largest: int, kwargs: dict[str, Any]) -> HttpResponse:
    if request.method == "HEAD":
        # Some providers try the address so when it is entered.
        return HttpResponse()
    try:
        is_too_large = len(request.body) > largest
    except RequestDataTooBig:
        is_too_large = True
    except (UnreadablePostError, RawPostDataException):
        return error_response(request, 400, _("The body could not be read."))
    if is_too_large:
        return error_response(request, 413, _("The body is too large."))
    try:
        return view(request, **kwargs)
    except MalformedError:
        return error_response(request, 400, _("The body could not be read."))
