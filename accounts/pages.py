"""Pages of a church on which people who are not signed in come to a password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.network import client_address
from core.rate_limits import TooManyRequestsError
from tenants.sites import church_site

from . import domain, links
from .forms import ForgottenPasswordForm, NewPasswordForm, too_many


def _page(request: HttpRequest, template: str, status: int = 200, **content: Any) -> HttpResponse:
    response = render(request, template, {**church_site.each_context(request), **content}, status=status)
    # The address of the page holds a secret, which no other site may learn from a link.
    response["Referrer-Policy"] = "same-origin"
    return response


def _invalid_link(request: HttpRequest) -> HttpResponse:
    return _page(request, "accounts/link_invalid.html", 404, title=_("This link is not valid any more"))


@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest, token: str) -> HttpResponse:
    """The form behind an invitation or reset link. Looking at it changes nothing."""
    try:
        user = links.user_of_token(token)
        form = NewPasswordForm(request.POST or None)
        if form.is_valid():
            domain.set_password_by_link(token=token, password=form.cleaned_data["password"])
            messages.success(request, _("Your password is set. Sign in with it now."))
            return redirect("admin:login")
    except links.InvalidLinkError:
        return _invalid_link(request)
    except ValidationError as refusal:
        form.add_error(None, refusal)
    return _page(
        request,
        "accounts/set_password.html",
        400 if form.errors else 200,
        title=_("Choose a password"),
        form=form,
        email=user.email,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgot_password(request: HttpRequest) -> HttpResponse:
    """Asks for the address, and answers the same whether somebody signs in with it or not."""
    form = ForgottenPasswordForm(request.POST or None)
    if form.is_valid():
        try:
            domain.request_reset(email=form.cleaned_data["email"], address=client_address(request))
        except TooManyRequestsError as error:
            form.add_error(None, too_many(error))
        else:
            return _page(request, "accounts/reset_sent.html", title=_("Look into your mail"))
    return _page(
        request,
        "accounts/forgot_password.html",
        400 if form.errors else 200,
        title=_("Forgot your password?"),
        form=form,
    )


urlpatterns = [
    path("set-password/<str:token>/", set_password, name="set_password"),
    path("forgot-password/", forgot_password, name="forgot_password"),
]
