"""Pages of events for who is not signed in. They need no script."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import error_response, page_not_found
from core.forms import TrappedForm
from core.network import address_bucket, client_address
from core.rate_limits import Limit, TooManyRequestsError, count
from tenants.context import current_church

from .dates import date_key, date_of_key
from .feeds.answers import calendar_answer
from .feeds.domain import reader_of
from .models import Event
from .occurrences import Occurrence, between, counts_of, default_occurrence, occurrence_at
from .registrations import domain, mails
from .registrations.links import InvalidLinkError, registration_of
from .words import repetition_of, when_of

REGISTRATIONS = Limit("event-registration", 10, 15 * 60)
LOOKS_AT_LINKS = Limit("event-link", 60, 15 * 60)
CALENDARS = Limit("event-calendar", 300, 15 * 60)
SHOWN_AHEAD = timedelta(days=184)
PAGE = 25


class GuestForm(TrappedForm):
    """Who comes."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("Your email"), max_length=255)

    name.widget.attrs["autocomplete"] = "name"
    email.widget.attrs["autocomplete"] = "email"


def _counted(request: HttpRequest, limit: Limit) -> HttpResponse | None:
    """The refusal, where this address has asked too often."""
    try:
        count(limit, address_bucket(client_address(request)))
    except TooManyRequestsError as error:
        refusal = error_response(request, 429, _("Too many requests. Try again later."))
        refusal["Retry-After"] = str(error.retry_after)
        return refusal
    return None


def _page(request: HttpRequest, template: str, status: int = 200, **content: Any) -> HttpResponse:
    response = render(request, template, {"church": current_church(), **content}, status=status)
    # The address may hold a secret, which no other site may learn from a link.
    response["Referrer-Policy"] = "same-origin"
    return response


def public_address(occurrence: Occurrence) -> str:
    """The page of an occurrence that everybody may see."""
    url = reverse("public_event", args=[occurrence.event.pk])
    return f"{url}?on={date_key(occurrence.recurrence_id)}" if occurrence.event.recurrence else url


def _shown(occurrence: Occurrence, counts: Any) -> dict[str, Any]:
    free = counts[occurrence.key].free(occurrence.max_attendees)
    return {
        "occurrence": occurrence,
        "when": when_of(occurrence),
        "url": public_address(occurrence),
        "free": free,
        "is_full": free == 0,
        "can_register": occurrence.registration_required
        and not occurrence.is_cancelled
        and not occurrence.is_over,
    }


@require_safe
def public_events(request: HttpRequest) -> HttpResponse:
    """What comes in the next half year, for everybody."""
    now = timezone.now()
    coming = between(Event.objects.public(), now, now + SHOWN_AHEAD)
    page = Paginator(coming, PAGE).get_page(request.GET.get("page"))
    counts = counts_of(page)
    return _page(
        request,
        "events/public_list.html",
        title=_("Events"),
        page=page,
        rows=[_shown(one, counts) for one in page],
        feed=current_church().url + reverse("public_feed"),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def public_event(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    """One date of an event, and the form by which a guest registers."""
    event = get_object_or_404(Event.objects.public(), pk=event_id)
    on = request.GET.get("on")
    occurrence = occurrence_at(event, date_of_key(on)) if on else default_occurrence(event)
    if occurrence is None:
        return page_not_found(request)
    form = GuestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        refusal = _counted(request, REGISTRATIONS)
        if refusal is not None:
            return refusal
        if form.is_valid() and _registers(form, occurrence):
            address = public_address(occurrence)
            return redirect(f"{address}{'&' if '?' in address else '?'}{urlencode({'done': 1})}")
    shown = _shown(occurrence, counts_of([occurrence]))
    return _page(
        request,
        "events/public_event.html",
        400 if form.errors else 200,
        title=occurrence.title,
        repetition=repetition_of(event),
        form=form,
        is_done="done" in request.GET,
        **shown,
    )


def _registers(form: GuestForm, occurrence: Occurrence) -> bool:
    """Registers the guest. Whether they had registered before is told to their address alone."""
    if not occurrence.registration_required:
        form.add_error(None, _("Nobody needs to register for this event."))
        return False
    if form.is_of_a_program:
        return True
    try:
        domain.register(
            event=occurrence.event,
            occurrence_start=occurrence.recurrence_id,
            name=form.cleaned_data["name"],
            email=form.cleaned_data["email"],
        )
    except domain.AlreadyRegisteredError as known:
        has_place = known.registration.status != "waitlisted"
        mails.tell(known.registration, mails.CONFIRMED if has_place else mails.WAITLISTED, occurrence)
    except ValidationError as refusal:
        for name, errors in getattr(refusal, "error_dict", {None: refusal}).items():
            form.add_error(name if name in form.fields else None, errors)
        return False
    return True


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_registration(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the secret link. Looking at it changes nothing: mail programs follow links."""
    refusal = _counted(request, LOOKS_AT_LINKS)
    if refusal is not None:
        return refusal
    try:
        registration = registration_of(token)
    except InvalidLinkError:
        return page_not_found(request)
    event = registration.event
    occurrence = occurrence_at(event, registration.occurrence_start) or Occurrence(
        event, registration.occurrence_start
    )
    error = ""
    if request.method == "POST":
        try:
            domain.cancel_registration(registration=registration)
            return redirect("event_registration", token=token)
        except ValidationError as refused:
            error = " ".join(refused.messages)
    return _page(
        request,
        "events/own_registration.html",
        400 if error else 200,
        title=occurrence.title,
        registration=registration,
        occurrence=occurrence,
        when=when_of(occurrence),
        error=error,
    )


@require_safe
def public_feed(request: HttpRequest) -> HttpResponse:
    """What everybody may see, for calendar programs."""
    refusal = _counted(request, CALENDARS)
    return refusal or calendar_answer(request, Event.objects.public(), caching="public, max-age=300")


@require_safe
def private_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What the user with this secret address may see, for calendar programs."""
    refusal = _counted(request, CALENDARS)
    if refusal is not None:
        return refusal
    reader = reader_of(token)
    if reader is None:
        return page_not_found(request)
    return calendar_answer(request, Event.objects.visible_to(reader), caching="private, no-cache")


urlpatterns = [
    path("events/", public_events, name="public_events"),
    path("events/feed.ics", public_feed, name="public_feed"),
    path("events/feed/<str:token>.ics", private_feed, name="private_feed"),
    path("events/registrations/<str:token>/", own_registration, name="event_registration"),
    path("events/<uuid:event_id>/", public_event, name="public_event"),
]
