"""The page on which each who visits says when, and takes the calendar to other devices."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from core.forms import RefusableForm
from visits.calendars import (
    MOST_BUFFER_MINUTES,
    calendar_to_read,
    change_calendar,
    make_feed_link,
    revoke_feed_link,
)
from visits.hours import DAYS, spans_as_text, spans_from_text
from visits.models import PastorCalendar

from .forms import text_input
from .pages import BOTH, shown, visit_pages

# Any Monday: weekdays are named by a date.
MONDAY = date(2024, 1, 1)


def weekday_name(number: str) -> str:
    """What a day of the week is called, ``"1"`` being Monday."""
    return capfirst(date_format(MONDAY + timedelta(days=int(number) - 1), "l"))


class HoursForm(RefusableForm):
    """Spans of each weekday, free days, the time between two visits."""

    buffer_minutes = forms.IntegerField(
        label=_("Minutes between visits"),
        min_value=0,
        max_value=MOST_BUFFER_MINUTES,
        widget=text_input(type="number"),
        help_text=_("For the way and for a breath; kept free behind each visit."),
    )
    timezone = forms.CharField(
        label=_("Time zone"),
        required=False,
        max_length=63,
        widget=text_input(placeholder="America/Chicago"),
        help_text=_("The church’s if empty."),
    )
    free_days = forms.CharField(
        label=_("Free days"),
        required=False,
        max_length=4_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("One line each: 2026-07-01, or 2026-07-01 to 2026-07-14."),
    )
    shows_initials = forms.BooleanField(
        label=_("Show initials in the calendar on other devices"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def __init__(self, *args: Any, calendar: PastorCalendar, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = {
            f"day_{number}": forms.CharField(
                label=weekday_name(number),
                required=False,
                max_length=100,
                initial=spans_as_text(calendar.hours.get(number, [])),
                widget=text_input(placeholder="09:00–12:00, 13:00–17:00", autocomplete="off"),
            )
            for number in DAYS
        }
        self.fields = {**days, **self.fields}

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        hours = {}
        for number in DAYS:
            try:
                hours[number] = spans_from_text(values.pop(f"day_{number}", ""))
            except ValidationError as refusal:
                self.add_error(f"day_{number}", refusal.messages)
        values["hours"] = hours
        values["free_days"] = [
            _ends_of(line) for line in values.get("free_days", "").splitlines() if line.strip()
        ]
        return values


def _ends_of(line: str) -> list[str]:
    words = [word for word in line.replace("–", " ").split() if word[:1].isdigit()]
    return [words[0], words[-1]] if words else [line.strip(), line.strip()]


@visit_pages.page("hours/", "visits_hours", permission="visits:write", methods=BOTH)
def my_hours(request: HttpRequest) -> HttpResponse:
    """When the user who asks visits."""
    user: Any = request.user
    calendar = calendar_to_read(user)
    initial = {
        "buffer_minutes": calendar.buffer_minutes,
        "timezone": calendar.timezone,
        "free_days": "\n".join(
            first if first == last else f"{first} – {last}" for first, last in calendar.free_days
        ),
        "shows_initials": calendar.shows_initials,
    }
    form = HoursForm(request.POST if request.method == "POST" else None, initial=initial, calendar=calendar)
    if form.is_valid():
        try:
            change_calendar(user=user, **form.cleaned_data)
            messages.success(request, gettext("Your visiting hours are saved."))
            return HttpResponseRedirect(reverse("admin:visits_hours"))
        except ValidationError as refusal:
            form.refuse(refusal)
    return _page(request, form, calendar)


@visit_pages.page("hours/link/", "visits_feed_link", permission="visits:write", methods=["POST"])
def feed_link(request: HttpRequest) -> HttpResponse:
    """Makes the secret address, which is shown this once, or ends it (``end``)."""
    user: Any = request.user
    if "end" in request.POST:
        revoke_feed_link(user=user)
        messages.success(request, gettext("The address does not work any more."))
        return HttpResponseRedirect(reverse("admin:visits_hours"))
    secret = make_feed_link(user=user)
    address = request.build_absolute_uri(reverse("visits_feed", args=[secret]))
    return shown(
        request,
        "visits/feed_link.html",
        gettext("Your calendar on other devices"),
        address=address,
        back_url=reverse("admin:visits_hours"),
    )


def _page(request: HttpRequest, form: HoursForm, calendar: PastorCalendar) -> HttpResponse:
    return shown(
        request,
        "visits/hours.html",
        gettext("My visiting hours"),
        form=form,
        has_link=bool(calendar.feed_digest),
    )
