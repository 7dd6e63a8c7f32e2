"""Pages of the second factor: the second step of a sign-in, and one's own. On both admin sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.forms import too_many
from core.network import client_address
from core.rate_limits import TooManyRequestsError
from tenants.sites import AdminSite

from . import codes, domain, second_step
from .forms import CodeForm, PresentPasswordForm, ProofForm, SecondStepForm

# Who must set up a second factor sees these alone, and may sign out.
OPEN_TO_ALL = {"two_factor", "two_factor_set_up", "logout", "jsi18n"}


def lead_to_set_up(request: HttpRequest) -> HttpResponse | None:
    """The detour of who must have a second factor and has none; None for everybody else."""
    user: Any = request.user
    page = request.resolver_match.url_name if request.resolver_match else None
    return redirect("admin:two_factor") if user.lacks_second_factor and page not in OPEN_TO_ALL else None


def _page(request: HttpRequest, site: AdminSite, template: str, **content: Any) -> HttpResponse:
    status = 400 if getattr(content.get("form"), "errors", None) else 200
    return render(request, f"accounts/{template}", {**site.each_context(request), **content}, status=status)


def _sent(form: forms.Form, door: Callable[..., Any], **more: Any) -> Any:
    """What ``door`` answers to the form's values, or None after its refusal was put into the form."""
    if not form.is_valid():
        return None
    try:
        return door(**form.cleaned_data, **more)
    except ValidationError as refusal:
        form.add_error(None, refusal)
    except TooManyRequestsError as error:
        form.add_error(None, too_many(error))
    return None


@sensitive_post_parameters("code")
@never_cache
def sign_in_code(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The second step of a sign-in. Until it is done nobody is signed in."""
    step = second_step.pending(request)
    if step is None:
        if request.session.pop(second_step.KEY, None):
            messages.error(request, _("That took too long. Sign in once more."))
        return redirect("admin:login")
    form = SecondStepForm(request.POST or None)
    try:
        user = _sent(form, domain.finish_sign_in, challenge=step.challenge, address=client_address(request))
    except domain.WrongCodeError:
        user = None
        form.add_error("code", _("This code is not valid. Wait for the next one."))
    if user is None:
        return _page(request, site, "sign_in_code.html", title=_("One more step"), form=form)
    del request.session[second_step.KEY]
    login(request, user)
    return redirect(step.next_page)


@sensitive_post_parameters("password")
@never_cache
def two_factor(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Whether it is on; begins to set it up."""
    user: Any = request.user
    form = PresentPasswordForm(request.POST or None)
    if _sent(form, domain.begin_set_up, user=user):
        return redirect("admin:two_factor_set_up")
    codes_left = len(user.two_factor.recovery_digests) if user.has_second_factor else 0
    content = {"title": _("Two-factor sign-in"), "form": form, "codes_left": codes_left}
    return _page(request, site, "two_factor.html", **content)


@sensitive_post_parameters("code")
@sensitive_variables("factor", "fresh")
@never_cache
def set_up(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The secret as a picture and as text, and the field for the first code."""
    user: Any = request.user
    factor = domain.being_set_up(user)
    if factor is None:
        return redirect("admin:two_factor")
    form = CodeForm(request.POST or None)
    fresh = _sent(form, domain.confirm, user=user)
    if fresh:
        messages.success(
            request, _("Two-factor sign-in is on. Wherever else you were signed in, you are not.")
        )
        return _recovery_codes(request, site, fresh)
    content = {
        "title": _("Set up two-factor sign-in"),
        "form": form,
        "picture": codes.picture(domain.address_for_app(factor)),
        # In fours, as one reads it while typing.
        "secret": " ".join(factor.secret[start : start + 4] for start in range(0, len(factor.secret), 4)),
    }
    return _page(request, site, "two_factor_set_up.html", **content)


@sensitive_post_parameters("password", "code")
@sensitive_variables("fresh")
@never_cache
def recovery_codes(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """New recovery codes, for who has password and code."""
    form = ProofForm(request.POST or None)
    fresh = _sent(form, domain.renew_recovery_codes, user=request.user)
    if fresh:
        messages.success(request, _("These are your new recovery codes. The old ones do not work any more."))
        return _recovery_codes(request, site, fresh)
    content = {"title": _("New recovery codes"), "form": form, "verb": _("Make new codes")}
    return _page(request, site, "two_factor_proof.html", **content)


@sensitive_post_parameters("password", "code")
@never_cache
def switch_off(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Switches it off, for who has password and code."""
    form = ProofForm(request.POST or None)
    user: Any = request.user

    def door(**values: str) -> bool:
        domain.switch_off(user=user, **values)
        return True

    if _sent(form, door):
        messages.success(request, _("Two-factor sign-in is off."))
        return redirect("admin:two_factor")
    content = {"title": _("Switch off two-factor sign-in"), "form": form, "verb": _("Switch off")}
    return _page(request, site, "two_factor_proof.html", **content)


def _recovery_codes(request: HttpRequest, site: AdminSite, fresh: list[str]) -> HttpResponse:
    return _page(request, site, "recovery_codes.html", title=_("Your recovery codes"), recovery_codes=fresh)


def add_to(site: AdminSite) -> None:
    """Gives an admin site these pages, and the detour of who must set up a second factor."""
    site.add_page("login/code/", sign_in_code, "sign_in_code", public=True)
    site.add_page("two-factor/", two_factor, "two_factor")
    site.add_page("two-factor/set-up/", set_up, "two_factor_set_up")
    site.add_page("two-factor/recovery-codes/", recovery_codes, "two_factor_recovery_codes")
    site.add_page("two-factor/off/", switch_off, "two_factor_off")
    site.add_detour(lead_to_set_up)
