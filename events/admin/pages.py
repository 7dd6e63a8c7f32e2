"""The page of one date of an event with who comes, and the pages and verbs that hang on it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.admin import AreaModelAdmin
from events import domain
from events.dates import date_key, date_of_key
from events.feeds import domain as feeds
from events.feeds.api import feed_url
from events.models import CalendarFeed, Event
from events.occurrences import Occurrence, counts_of, default_occurrence, occurrence_at
from events.pages import public_address
from events.registrations.places import rows_of
from events.words import repetition_of, when_of
from members.models import Member

from .forms import GuestForm, ScopeForm, SearchForm
from .people import act, check_in_rows, groups

FOUND_SHOWN = 20
DATES_SHOWN = 6
CHECK_IN = "check-in"


def registrations_url(event: Event, start: datetime | None = None) -> str:
    """Address of an event's page, of a series opened at one date."""
    url = reverse("admin:events_event_registrations", args=[event.pk])
    return f"{url}?on={date_key(start)}" if start and event.recurrence else url


class EventPages(AreaModelAdmin):
    """The addresses below an event. Looking asks for ``events:read``, all else for ``events:write``."""

    area = "events"

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        one = "<uuid:event_id>"
        return [
            path("my-calendar/", page(self.own_feed), name="events_feed"),
            path(f"{one}/registrations/", page(self.registrations), name="events_event_registrations"),
            path(f"{one}/people/", page(require_POST(self.change_people)), name="events_event_people"),
            path(f"{one}/add-person/", page(self.add_person), name="events_event_add_person"),
            path(f"{one}/check-in/", page(self.check_in), name="events_event_check_in"),
            path(f"{one}/duplicate/", page(require_POST(self.duplicate)), name="events_event_duplicate"),
            path(f"{one}/cancel/", page(self.cancel), name="events_event_cancel"),
            *super().get_urls(),
        ]

    def _page(self, request: HttpRequest, template: str, **shown: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **shown}
        return TemplateResponse(request, template, context, headers={"Cache-Control": "private, no-store"})

    def _date(self, request: HttpRequest, event_id: uuid.UUID, *, write: bool = True) -> Occurrence:
        """The date that the address means. Raises PermissionDenied and Http404."""
        allowed = self.has_change_permission if write else self.has_view_permission
        if not allowed(request):
            raise PermissionDenied
        event = get_object_or_404(Event.objects.visible_to(request.user), pk=event_id)
        on = request.GET.get("on")
        occurrence = occurrence_at(event, date_of_key(on)) if on else default_occurrence(event)
        if occurrence is None:
            raise Http404
        return occurrence

    def _shown(self, request: HttpRequest, occurrence: Occurrence) -> dict[str, Any]:
        """What every page of a date has."""
        event = occurrence.event
        counts = counts_of([occurrence])[occurrence.key]
        return {
            "occurrence": occurrence,
            "event": event,
            "on": date_key(occurrence.recurrence_id),
            "when": when_of(occurrence),
            "repetition": repetition_of(event),
            "counts": counts,
            "free": counts.free(occurrence.max_attendees),
            "may_write": self.has_change_permission(request),
            "may_delete": self.has_delete_permission(request),
            "page_url": registrations_url(event, occurrence.recurrence_id),
            "public_url": public_address(occurrence) if event.visibility == "public" else "",
        }

    def registrations(self, request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
        """One date: how many come, who waits, who was there."""
        occurrence = self._date(request, event_id, write=False)
        return self._page(
            request,
            "events/registrations.html",
            title=occurrence.title,
            groups=groups(occurrence),
            dates=_dates_around(occurrence),
            **self._shown(request, occurrence),
        )

    def change_people(self, request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
        """One verb on one registration, or on a person who is to be registered."""
        occurrence = self._date(request, event_id)
        if request.POST.get("verb") == "remove" and not self.has_delete_permission(request):
            raise PermissionDenied
        try:
            messages.success(request, act(request.POST, occurrence))
        except ValidationError as refusal:
            self._say(request, refusal)
        except ObjectDoesNotExist:
            messages.error(request, _("Somebody else has changed this in the meantime."))
        if request.POST.get("back") == CHECK_IN:
            query = request.GET.copy()
            url = reverse("admin:events_event_check_in", args=[event_id])
            return HttpResponseRedirect(f"{url}?{query.urlencode()}")
        return HttpResponseRedirect(registrations_url(occurrence.event, occurrence.recurrence_id))

    def add_person(self, request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
        """Looks for a person by name; each one found has a button. Below it, the form for a guest."""
        occurrence = self._date(request, event_id)
        search = SearchForm(request.GET)
        people = Member.objects.matching(search.words)
        there = rows_of(occurrence).active().exclude(member=None).values("member")
        return self._page(
            request,
            "events/add_person.html",
            title=_("Add somebody to “%(event)s”") % {"event": occurrence.title},
            search=search,
            found=list(people.exclude(pk__in=there)[:FOUND_SHOWN]),
            most=FOUND_SHOWN,
            guest=GuestForm(),
            **self._shown(request, occurrence),
        )

    def check_in(self, request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
        """Who is expected, with one large button each; made for a phone at the door."""
        occurrence = self._date(request, event_id)
        search = SearchForm(request.GET)
        return self._page(
            request,
            "events/check_in.html",
            title=_("Check-in: %(event)s") % {"event": occurrence.title},
            search=search,
            rows=check_in_rows(occurrence, search.words),
            **self._shown(request, occurrence),
        )

    def duplicate(self, request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
        """A new event like this one, whose form is opened."""
        occurrence = self._date(request, event_id)
        user: Any = request.user
        try:
            copy = domain.duplicate_event(event=occurrence.event, created_by=user)
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        messages.success(request, _("This is the copy. Say when it takes place."))
        return HttpResponseRedirect(self._url("change", copy.pk))

    def cancel(self, request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
        """Asks which dates, and cancels them when that was sent; or lets them take place after all."""
        occurrence = self._date(request, event_id)
        event = occurrence.event
        form = ScopeForm(request.POST or None, initial={"scope": domain.ONE})
        if request.method == "POST" and (form.is_valid() or not event.recurrence):
            scope = form.cleaned_data["scope"] if event.recurrence else domain.ALL
            status = Event.Status.ACTIVE if occurrence.is_cancelled else Event.Status.CANCELLED
            try:
                changed = domain.change_event(
                    event=event, scope=scope, occurrence_start=occurrence.recurrence_id, status=status
                )
                return HttpResponseRedirect(registrations_url(changed, occurrence.recurrence_id))
            except ValidationError as refusal:
                self._say(request, refusal)
            except ObjectDoesNotExist as gone:
                raise Http404 from gone
        shown = self._shown(request, occurrence)
        title = _("Let it take place after all") if occurrence.is_cancelled else _("Cancel this event")
        return self._page(request, "events/cancel.html", title=title, form=form, **shown)

    def own_feed(self, request: HttpRequest) -> HttpResponse:
        """One's own secret calendar address: made, shown once, ended."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        user: Any = request.user
        url = ""
        if request.method == "POST" and request.POST.get("verb") == "end":
            feeds.revoke_feed(user=user)
            messages.success(request, _("The address is no longer valid."))
        elif request.method == "POST":
            url = feed_url(feeds.renew_feed(user=user))
        return self._page(
            request,
            "events/own_feed.html",
            title=_("Events in your own calendar"),
            url=url,
            feed=CalendarFeed.objects.filter(user=user).first(),
        )


def _dates_around(occurrence: Occurrence) -> list[dict[str, Any]]:
    """Dates of the series to choose from: one before, and those that follow."""
    event = occurrence.event
    if not event.recurrence:
        return []
    since = min(occurrence.recurrence_id, timezone.now())
    before = event.series.starts(event.start_datetime, since)[-1:]
    following = event.series.first_from(since, most=DATES_SHOWN)
    exceptions = {row.recurrence_id: row for row in event.exceptions.all()}
    dates = [Occurrence(event, start, exceptions.get(start)) for start in [*before, *following]]
    return [
        {
            "occurrence": one,
            "local": one.local_start,
            "url": registrations_url(event, one.recurrence_id),
            "is_open": one.recurrence_id == occurrence.recurrence_id,
        }
        for one in dates
    ]
