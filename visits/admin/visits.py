"""The list of visits, and the page of one with what can be done with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin import AreaModelAdmin, ChoiceFilter, may
from members.admin.person_page import person_url
from members.care import links_to
from members.confidential.domain import CONFIDENTIAL
from tenants.sites import church_site
from visits import domain
from visits.models import Visit, VisitReport
from visits.values import VISIT_TYPES, visit_type_name

from .forms import VisitForm, who_visits
from .pages import visit_pages
from .planning import plan_visit
from .presentation import status_mark, visit_address, when_text


class StatusFilter(ChoiceFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Visit.Status.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(status=self.value()) if self.value() else queryset


class WhenFilter(ChoiceFilter):
    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            ("coming", _("To come")),
            ("month", _("The last 30 days")),
            ("follow-up", _("Follow-up due")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        match self.value():
            case "coming":
                return queryset.filter(scheduled_datetime__gte=now).order_by("scheduled_datetime", "id")
            case "month":
                return queryset.between(now - timedelta(days=30), now)
            case "follow-up":
                return queryset.to_follow_up().filter(follow_up_on__lte=timezone.localdate())
        return queryset


class PastorFilter(ChoiceFilter):
    title = _("who visits")
    parameter_name = "pastor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(str(user.pk), str(user)) for user in who_visits()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = {key for key, _name in self.lookup_choices}
        if not self.value():
            return queryset
        return queryset.filter(assigned_pastor=self.value()) if self.value() in known else queryset.none()


@admin.register(Visit, site=church_site)
class VisitAdmin(AreaModelAdmin):
    """Visits. Planning and moving have pages of their own; the form here changes the rest."""

    area = "visits"
    form = VisitForm
    add_verb = _("Plan a visit")
    list_display = ("when", "who_shown", "kind", "pastor", "location", "status_shown")
    list_display_links = ("when",)
    list_filter = (WhenFilter, StatusFilter, PastorFilter)
    list_before_template = "visits/list_links.html"
    # Only says that there is a search; get_search_results does it.
    search_fields = ("visitor_name",)
    search_help_text = _("Name or place")
    change_form_outer_before_template = "visits/visit_card.html"
    actions = None

    def get_urls(self) -> Any:
        return [*visit_pages.urls(), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        user: Any = request.user
        return Visit.objects.seen_by(user).with_people()

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (queryset.matching(search_term) if search_term.strip() else queryset), False

    def get_fieldsets(self, request: HttpRequest, obj: Visit | None = None) -> Any:
        named = (
            [] if obj is not None and obj.member_id else [("visitor_name", "visitor_email", "visitor_phone")]
        )
        return [(None, {"fields": ["visit_type", "location", "notes", *named, "timezone"]})]

    def has_change_permission(self, request: HttpRequest, obj: Visit | None = None) -> bool:
        is_moved = obj is not None and obj.status == Visit.Status.RESCHEDULED
        return super().has_change_permission(request, obj) and not is_moved

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return plan_visit(request)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        visit: Visit | None = kwargs.get("obj")
        if visit is not None:
            context.update(card_of(request, visit))
        return super().render_change_form(request, context, *args, **kwargs)

    def perform_update(self, request: HttpRequest, instance: Visit, values: dict[str, Any]) -> Visit:
        user: Any = request.user
        return domain.change_visit(visit=instance, user=user, **values)

    def perform_destroy(self, request: HttpRequest, instance: Visit) -> None:
        user: Any = request.user
        domain.remove_visit(visit=instance, user=user)

    # Columns.

    @admin.display(description=_("when"), ordering="scheduled_datetime")
    def when(self, visit: Visit) -> str:
        return when_text(visit)

    @admin.display(description=_("who is visited"))
    def who_shown(self, visit: Visit) -> str:
        return visit.who

    @admin.display(description=_("kind of visit"), ordering="visit_type")
    def kind(self, visit: Visit) -> str:
        return visit_type_name(visit.visit_type)

    @admin.display(description=_("who visits"))
    def pastor(self, visit: Visit) -> str:
        return str(visit.assigned_pastor or "")

    @admin.display(description=_("status"), ordering="status")
    def status_shown(self, visit: Visit) -> SafeString:
        return status_mark(visit)


def card_of(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """What the card above the form shows."""
    may_write = may(request, "visits:write")
    reads_reports = may(request, CONFIDENTIAL)
    return {
        "visit": visit,
        "who": _who(visit),
        "when": when_text(visit),
        "kind": visit_type_name(visit.visit_type),
        "status_shown": status_mark(visit),
        "visit_types": list(VISIT_TYPES),
        "moved_from": visit.rescheduled_from,
        "moved_to": visit.rescheduled_to.first(),
        "links": _links(request, visit),
        "verbs": _verbs(visit) if may_write else [],
        "may_write": may_write,
        "reads_reports": reads_reports,
        "has_report": reads_reports and VisitReport.objects.filter(visit=visit).exists(),
    }


def _who(visit: Visit) -> Any:
    if visit.member is None:
        return visit.visitor_name
    return format_html('<a class="contact-link" href="{}">{}</a>', person_url(visit.member), visit.member)


def _links(request: HttpRequest, visit: Visit) -> list[Any]:
    """What the visit came from, and what came from it, as whoever asks may see it."""
    user: Any = request.user
    found = links_to(user=user, kind=domain.VISIT, identifier=visit.pk)
    if visit.origin_id is not None:
        found += links_to(user=user, kind=visit.origin_kind, identifier=visit.origin_id)
    own = visit_address(visit)
    return sorted({link for link in found if link.url != own}, key=lambda link: (link.at, link.url))


def _verbs(visit: Visit) -> list[dict[str, str]]:
    planned = [
        ("visit_complete", _("Complete"), "task_alt"),
        ("visit_reschedule", _("Move"), "event_repeat"),
        ("visit_cancel", _("Cancel the visit"), "event_busy"),
    ]
    always = [("visit_follow_up", _("Plan a follow-up"), "update")]
    match visit.status:
        case Visit.Status.SCHEDULED:
            offered = [*planned, *always]
        case Visit.Status.RESCHEDULED:
            offered = []
        case _:
            offered = always
    return [
        {"label": str(label), "url": reverse(f"admin:{name}", args=[visit.pk]), "icon": icon}
        for name, label, icon in offered
    ]
