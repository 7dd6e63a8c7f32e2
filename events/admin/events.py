"""The list of events, and the form of one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.expressions import Case, When
from django.db.models.fields import BooleanField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import ChoiceFilter, may
from events import domain
from events.dates import date_key, date_of_key
from events.models import Event
from events.occurrences import Occurrence, counts_of, default_occurrence, occurrence_at, upcoming
from events.words import repetition_of, when_of
from tenants.sites import church_site

from .flyers import FlyerPages
from .forms import EventForm
from .pages import registrations_url

COMING_SHOWN = 8


class WhenFilter(ChoiceFilter):
    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("coming", _("Still to come")), ("over", _("Over")), ("series", _("Repeating"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        to_come = Q(last_end=None) | Q(last_end__gt=timezone.now())
        match self.value():
            case "coming":
                return queryset.filter(to_come)
            case "over":
                return queryset.exclude(to_come)
            case "series":
                return queryset.exclude(recurrence="")
        return queryset


class KindFilter(ChoiceFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        kinds = Event.objects.visible_to(request.user).order_by("event_type")
        return [(kind, kind) for kind in kinds.values_list("event_type", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(event_type=self.value()) if self.value() else queryset


class VisibilityFilter(ChoiceFilter):
    title = _("who sees it")
    parameter_name = "seen_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Event.Visibility.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = self.value() in Event.Visibility.values
        return queryset.filter(visibility=self.value()) if known else queryset


@admin.register(Event, site=church_site)
class EventAdmin(FlyerPages):
    """Events and series; what is still to come first."""

    form = EventForm
    add_verb = _("New event")
    save_verb = _("Create event")
    list_display = ("title_shown", "next_shown", "repeats_shown", "location", "marks_shown")
    list_display_links = None
    list_filter = (WhenFilter, KindFilter, VisibilityFilter)
    list_before_template = "events/coming.html"
    # Only says that there is a search; get_search_results does it.
    search_fields = ("title",)
    search_help_text = _("Title, place or description")

    class Media:
        css = {"all": ("events/admin.css",)}

    event_fieldset = (
        _("Event"),
        {"fields": ("title", ("event_type", "location"), "description", "visibility")},
    )
    when_fieldset = (
        _("When"),
        {"fields": (("start_date", "start_time"), ("end_date", "end_time"), "timezone")},
    )
    repeats_fieldset = (
        _("How often"),
        {"fields": ("repeats", "every", "weekdays", ("ends_on", "times"))},
    )
    coming_fieldset = (
        _("Who comes"),
        {"fields": ("registration_required", ("max_attendees", "reminder_hours"))},
    )
    shown_fieldset = (
        _("Event"),
        {
            "fields": (
                "title", "event_type", "when_shown", "repeats_shown", "location", "description",
                "max_attendees", "registration_required",
            )
        },
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Event | None = None) -> Any:
        if not self.has_change_permission(request, obj):
            return (self.shown_fieldset,)
        parts: list[Any] = [
            self.event_fieldset,
            self.when_fieldset,
            self.repeats_fieldset,
            self.coming_fieldset,
        ]
        if self.date_of(request, obj) is not None:
            parts.insert(0, (_("Which dates"), {"fields": ("scope",)}))
        return parts

    def date_of(self, request: HttpRequest, event: Event | None) -> Occurrence | None:
        """The date of a series that the address names. Raises Http404 for one that there is not."""
        if event is None or not event.recurrence or "on" not in request.GET:
            return None
        occurrence = occurrence_at(event, date_of_key(request.GET["on"]))
        if occurrence is None:
            raise Http404
        return occurrence

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"occurrence": self.date_of(request, obj)})

    def get_queryset(self, request: HttpRequest) -> Any:
        now = timezone.now()
        is_over = Case(
            When(last_end__lte=now, then=Value(True)), default=Value(False), output_field=BooleanField()
        )
        to_come = ExpressionWrapper(F("start_datetime") - Value(now), output_field=DurationField())
        gone = ExpressionWrapper(Value(now) - F("start_datetime"), output_field=DurationField())
        events = Event.objects.visible_to(request.user).prefetch_related("exceptions")
        return events.annotate(
            is_over=is_over, distance=Case(When(last_end__lte=now, then=gone), default=to_come)
        )

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["is_over", "distance", "id"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (queryset.matching(search_term) if search_term.strip() else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        coming = upcoming(Event.objects.visible_to(request.user), most=COMING_SHOWN)
        context = {"coming": coming_rows(coming), "may_write": may(request, "events:write")}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> Event:
        user: Any = request.user
        return domain.create_event(created_by=user, **values)

    def perform_update(self, request: HttpRequest, instance: Event, values: dict[str, Any]) -> Event:
        occurrence = self.date_of(request, instance)
        scope = request.POST.get("scope", domain.ALL) if occurrence else domain.ALL
        start = occurrence.recurrence_id if occurrence else None
        return domain.change_event(event=instance, scope=scope, occurrence_start=start, **values)

    def perform_destroy(self, request: HttpRequest, instance: Event) -> None:
        domain.remove_event(event=instance)

    def response_add(
        self, request: HttpRequest, obj: Event, post_url_continue: str | None = None
    ) -> HttpResponse:
        super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(registrations_url(obj))

    def response_change(self, request: HttpRequest, obj: Event) -> HttpResponse:
        super().response_change(request, obj)
        return HttpResponseRedirect(registrations_url(obj))

    # Columns and values.

    @admin.display(description=_("title"), ordering="title")
    def title_shown(self, event: Event) -> SafeString:
        return format_html('<a class="event-title" href="{}">{}</a>', registrations_url(event), event.title)

    @admin.display(description=_("next date"))
    def next_shown(self, event: Event) -> str:
        return when_of(default_occurrence(event))

    @admin.display(description=_("when"))
    def when_shown(self, event: Event) -> str:
        return when_of(default_occurrence(event))

    @admin.display(description=_("repeats"))
    def repeats_shown(self, event: Event) -> str:
        return repetition_of(event)

    @admin.display(description=_("marks"))
    def marks_shown(self, event: Event) -> SafeString:
        if event.status == Event.Status.CANCELLED:
            return format_html('<span class="mark mark-bad">{}</span>', gettext("Cancelled"))
        return format_html('<span class="mark">{}</span>', event.get_visibility_display())


def coming_rows(occurrences: list[Occurrence]) -> list[dict[str, Any]]:
    """What a list of dates to come shows of each: when, where, how many. One query."""
    counts = counts_of(occurrences)
    return [
        {
            "occurrence": one,
            "when": when_of(one),
            "counts": counts[one.key],
            "is_full": counts[one.key].free(one.max_attendees) == 0,
            "url": registrations_url(one.event, one.recurrence_id),
        }
        for one in occurrences
    ]


__all__ = ["EventAdmin", "coming_rows", "date_key"]
