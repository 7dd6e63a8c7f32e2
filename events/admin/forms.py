"""The form of an event: wall times of its zone, plain choices of repeating, and which dates are meant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
)

from core.admin import DoorForm
from events import domain
from events.checking import MOST_REMINDER_HOURS
from events.models import Event
from events.occurrences import OWN_ON_A_DATE, Occurrence
from events.recurrence import MOST_INTERVAL, MOST_TIMES, to_instant, to_wall
from events.repeating import AS_IT_IS, CHOICES, ONCE, Repeating, repeating_of, weekday_choices
from events.words import repetition_of
from members.admin.forms import SuggestingInput
from tenants.context import current_church
from tenants.models import known_timezones

CLASSES = " ".join(INPUT_CLASSES)
SCOPES = [
    (domain.ONE, gettext_lazy("Only this date")),
    (domain.FOLLOWING, gettext_lazy("This date and all that follow")),
    (domain.ALL, gettext_lazy("All dates")),
]
TIMES = ("start_date", "start_time", "end_date", "end_time", "timezone")
REPETITION = ("repeats", "every", "weekdays", "ends_on", "times")
# Where what a door says of a column is shown.
SHOWN_AT = {"start_datetime": "start_date", "end_datetime": "end_date", "recurrence": "repeats"}


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A day, by the browser's own calendar."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": CLASSES})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def time_field(label: Any) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": CLASSES})
    return forms.TimeField(label=label, widget=widget)


def number_field(label: Any, least: int, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=help_text,
    )


class EventForm(DoorForm):
    """An event, or with ``occurrence`` one date of a series, with the question which dates are meant."""

    occurrence: ClassVar[Occurrence | None] = None

    scope = forms.ChoiceField(
        label=gettext_lazy("Which dates do you change?"),
        choices=SCOPES,
        initial=domain.ONE,
        widget=UnfoldAdminRadioSelectWidget,
    )
    start_date = day_field(gettext_lazy("Starts on"))
    start_time = time_field(gettext_lazy("at"))
    end_date = day_field(gettext_lazy("Ends on"))
    end_time = time_field(gettext_lazy("at"))
    timezone = forms.ChoiceField(label=gettext_lazy("Time zone"), widget=UnfoldAdminSelectWidget)
    repeats = forms.ChoiceField(
        label=gettext_lazy("Repeats"), required=False, choices=CHOICES, widget=UnfoldAdminSelectWidget
    )
    every = number_field(gettext_lazy("Every how many days, weeks, months or years"), 1, MOST_INTERVAL)
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"),
        required=False,
        coerce=int,
        choices=weekday_choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("For “every week”. Without a tick: the weekday of the first date."),
    )
    ends_on = day_field(
        gettext_lazy("Until"), required=False, help_text=gettext_lazy("Empty: without an end.")
    )
    times = number_field(gettext_lazy("Or this many times"), 1, MOST_TIMES)
    reminder_hours = number_field(
        gettext_lazy("Remind who comes, hours before"),
        1,
        MOST_REMINDER_HOURS,
        gettext_lazy("24 is a day before. Empty: nobody is reminded."),
    )

    class Meta:
        model = Event
        fields = "__all__"
        widgets = {"event_type": SuggestingInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.occurrence is None:
            self.fields.pop("scope", None)
        if "event_type" not in self.fields:
            # For who may look only, there are no fields.
            return
        zones: Any = self.fields["timezone"]
        zones.choices = [(name, name.replace("_", " ")) for name in sorted(known_timezones())]
        kinds: Any = self.fields["event_type"].widget
        used = Event.objects.order_by().values_list("event_type", flat=True).distinct()
        kinds.suggestions = dict.fromkeys([*Event.SUGGESTED_TYPES, *used])
        self._begin_with(self.instance if not self.instance._state.adding else None)

    def _begin_with(self, event: Event | None) -> None:
        """What the fields hold at first."""
        if event is None:
            zone = current_church().timezone
            start = (to_wall(timezone.now(), zone) + timedelta(days=7)).replace(hour=10, minute=0)
            self._begin_at(start, start + timedelta(hours=1, minutes=30), zone)
            self.initial.update({"repeats": ONCE, "every": 1})
            return
        zone, one = event.timezone, self.occurrence
        start, end = (one.start, one.end) if one else (event.start_datetime, event.end_datetime)
        self._begin_at(to_wall(start, zone), to_wall(end, zone), zone)
        if one is not None:
            self.initial.update({name: one.value(name) for name in OWN_ON_A_DATE if name in self.fields})
        chosen = repeating_of(event.series.rule, event.series.wall, zone)
        if chosen.choice == AS_IT_IS:
            choices: Any = self.fields["repeats"]
            choices.choices = [(AS_IT_IS, repetition_of(event)), *CHOICES]
        self.initial.update(
            {
                "repeats": chosen.choice,
                "every": chosen.every,
                "weekdays": list(chosen.weekdays),
                "ends_on": chosen.ends_on,
                "times": chosen.times,
            }
        )

    def _begin_at(self, start: datetime, end: datetime, zone: str) -> None:
        self.initial.update({"start_date": start.date(), "start_time": start.time(), "timezone": zone})
        self.initial.update({"end_date": end.date(), "end_time": end.time()})

    def clean(self) -> dict[str, Any]:
        """Puts day, time and zone together, and the choices of repeating."""
        values = super().clean() or {}
        if self.errors:
            return values
        start, end = (
            datetime.combine(values.pop(f"{which}_date"), values.pop(f"{which}_time"))
            for which in ("start", "end")
        )
        zone = values["timezone"]
        values |= {"start_datetime": to_instant(start, zone), "end_datetime": to_instant(end, zone)}
        repeats = values.pop("repeats")
        parts = {name: values.pop(name) for name in REPETITION if name != "repeats"}
        if parts["ends_on"] and parts["times"]:
            self.add_error("times", _("Give a day or a number of times, not both."))
        chosen = Repeating(repeats, **(parts | {"every": parts["every"] or 1}))
        values["recurrence"] = self.instance.recurrence if repeats == AS_IT_IS else chosen.rule(start, zone)
        values.pop("scope", None)
        return values

    @property
    def changed_data(self) -> list[str]:
        """Columns instead of the fields of which they are put together."""
        changed = set(super().changed_data)
        columns = {name for name in changed if name not in {*TIMES, *REPETITION, "scope"}}
        if changed & {*TIMES}:
            columns |= {"start_datetime", "end_datetime", "timezone"}
        if changed & {*REPETITION}:
            columns.add("recurrence")
        return sorted(columns)

    def _show(self, refusal: ValidationError) -> None:
        by_field = getattr(refusal, "error_dict", None)
        if by_field is None:
            super()._show(refusal)
            return
        super()._show(ValidationError({SHOWN_AT.get(name, name): e for name, e in by_field.items()}))


class SearchForm(forms.Form):
    """Whom one looks for."""

    q = forms.CharField(
        label=gettext_lazy("Name, email or phone"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": CLASSES, "autocomplete": "off"}),
    )

    @property
    def words(self) -> str:
        return str(self.data.get("q", "")).strip()


class GuestForm(forms.Form):
    """Somebody whom the church does not know."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=200, widget=forms.TextInput(attrs={"class": CLASSES})
    )
    email = forms.EmailField(
        label=gettext_lazy("Email"), max_length=255, widget=forms.EmailInput(attrs={"class": CLASSES})
    )


class ScopeForm(forms.Form):
    """Which dates of a series are meant."""

    scope = forms.ChoiceField(
        label=gettext_lazy("Which dates?"), choices=SCOPES, widget=UnfoldAdminRadioSelectWidget
    )
