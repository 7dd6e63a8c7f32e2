"""The forms of visits."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import User
from core.admin import DoorForm, may
from core.forms import RefusableForm
from members.confidential.domain import CONFIDENTIAL, LONGEST_TEXT
from visits.calendars import NEEDED
from visits.models import Visit
from visits.values import LONGEST, SHORTEST, VISIT_TYPES

NOBODY = ("", _("Nobody yet"))


def text_input(**attributes: Any) -> UnfoldAdminTextInputWidget:
    """A field of one line; ``type`` makes it one of a date or a time."""
    return UnfoldAdminTextInputWidget(attrs=attributes)


def who_visits() -> list[User]:
    """Whoever can be planned to visit, by name; one query."""
    users = User.objects.here().active().order_by("last_name", "first_name", "email")
    return [user for user in users if user.has_permission(NEEDED)]


class WhenForm(RefusableForm):
    """Who visits, when, and for how long. Times are the church's."""

    assigned_pastor = forms.ChoiceField(label=_("Who visits"), required=False, widget=UnfoldAdminSelectWidget)
    day = forms.DateField(label=_("Day"), widget=text_input(type="date"))
    time = forms.TimeField(label=_("Time"), widget=text_input(type="time"))
    duration_minutes = forms.IntegerField(
        label=_("Minutes"), min_value=SHORTEST, max_value=LONGEST, widget=text_input(type="number")
    )
    outside_hours = forms.BooleanField(
        label=_("Also outside of visiting hours"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    fields_of_door = {"scheduled_datetime": "time"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.users = {str(user.pk): user for user in who_visits()}
        choices: Any = [NOBODY, *((key, str(user)) for key, user in self.users.items())]
        self.fields["assigned_pastor"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField has them

    @property
    def pastor(self) -> User | None:
        """Whoever was chosen, or stands in the form at the beginning."""
        return self.users.get(str(self["assigned_pastor"].value() or ""))

    def start(self) -> datetime:
        """The chosen time. Only of a form that is valid."""
        return local_time(self.cleaned_data["day"], self.cleaned_data["time"])


def local_time(day: Any, wall: time) -> datetime:
    """A time by the church's clock."""
    return datetime.combine(day, wall, timezone.get_current_timezone())


class PlanForm(WhenForm):
    """A new visit. Whoever is visited is chosen from the people, or named here."""

    visitor_name = forms.CharField(label=_("Name"), required=False, max_length=255, widget=text_input())
    visitor_email = forms.CharField(
        label=_("Email"), required=False, max_length=255, widget=text_input(type="email")
    )
    visitor_phone = forms.CharField(
        label=_("Phone"), required=False, max_length=40, widget=text_input(type="tel")
    )
    visit_type = forms.CharField(
        label=_("Kind of visit"),
        max_length=50,
        initial="pastoral",
        widget=UnfoldAdminSelectWidget(choices=list(VISIT_TYPES.items())),
    )
    location = forms.CharField(label=_("Place"), required=False, max_length=255, widget=text_input())
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Everybody who plans visits reads them."),
    )

    def __init__(self, *args: Any, has_member: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_member:
            for name in ("visitor_name", "visitor_email", "visitor_phone"):
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        """What the door takes, but for the time. Only of a form that is valid."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in {"day", "time"}}
        return {**values, "assigned_pastor": self.pastor}


class CompletionForm(RefusableForm):
    """How a visit went."""

    outcome = forms.ChoiceField(
        label=_("How it went"), choices=Visit.Outcome.choices, widget=UnfoldAdminSelectWidget
    )
    report = forms.CharField(
        label=_("Care report"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6, "autocomplete": "off"}),
        help_text=_("For pastors and administrators only; who reads it is written down."),
    )
    follow_up_on = forms.DateField(label=_("Follow up on"), required=False, widget=text_input(type="date"))

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may(request, CONFIDENTIAL):
            del self.fields["report"]


class ReportForm(RefusableForm):
    """A care report alone."""

    report = forms.CharField(
        label=_("Care report"),
        max_length=LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 12, "autocomplete": "off"}),
    )


class FollowUpForm(RefusableForm):
    """When to look after somebody once more."""

    follow_up_on = forms.DateField(label=_("Follow up on"), widget=text_input(type="date"))


class VisitForm(DoorForm):
    """What of a visit is changed without moving it."""

    class Meta:
        model = Visit
        fields = (
            "visit_type",
            "location",
            "notes",
            "visitor_name",
            "visitor_email",
            "visitor_phone",
            "timezone",
        )
        widgets = {
            "visit_type": text_input(list="visit-types"),
            "notes": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
            "timezone": text_input(placeholder="America/Chicago"),
        }
        help_texts = {"timezone": _("Of whoever is visited, for mail to them; the church’s if empty.")}
