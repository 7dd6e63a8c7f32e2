"""Between the two pages of a sign-in: what the browser's session remembers. Nobody is signed in by it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from . import challenges

KEY = "second_step"


@dataclass(frozen=True)
class SecondStep:
    """The challenge, and the page that somebody wanted, on this host."""

    challenge: str
    next_page: str


def begin(request: HttpRequest, challenge: str) -> HttpResponse:
    """Remembers that the password was right, and leads to the page that asks for the code."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    request.session[KEY] = [challenge, wanted if safe else reverse("admin:index")]
    return redirect("admin:sign_in_code")


def pending(request: HttpRequest) -> SecondStep | None:
    """What ``begin`` remembered, as long as the challenge can still be answered."""
    try:
        step = SecondStep(*request.session[KEY])
        challenges.user_id_of(step.challenge)
    except (KeyError, challenges.InvalidChallengeError):
        return None
    return step
