"""The platform's pages of churches: who they are, how they do, suspend and resume."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminSelectWidget

from core.admin import ChoiceFilter, DoorForm
from tenants import countries, domain
from tenants.models import Church
from tenants.settings_page import timezone_choices
from tenants.statistics import Size, sizes_of

from .base import PlatformModelAdmin, mark, moment

FACTS = ("address", "state", "people", "size", "last_activity", "opened", "id")


class StatusFilter(ChoiceFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Church.Status.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(status=self.value()) if self.value() else queryset


class PlanFilter(ChoiceFilter):
    title = _("plan")
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Church.Plan.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(plan_type=self.value()) if self.value() else queryset


class ActivityFilter(ChoiceFilter):
    title = _("last activity")
    parameter_name = "active"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            ("week", _("In the last seven days")),
            ("month", _("In the last thirty days")),
            ("quiet", _("Quiet for more than thirty days")),
            ("never", _("Nobody has signed in yet")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        match self.value():
            case "week":
                return queryset.filter(last_active_at__gte=now - timedelta(days=7))
            case "month":
                return queryset.filter(last_active_at__gte=now - timedelta(days=30))
            case "quiet":
                return queryset.filter(last_active_at__lt=now - timedelta(days=30))
            case "never":
                return queryset.filter(last_active_at=None)
        return queryset


class ChurchForm(DoorForm):
    """What can be changed of a church; ``domain.change_settings`` has the last word."""

    timezone = forms.ChoiceField(label=_("Time zone"), widget=UnfoldAdminSelectWidget)
    country = forms.ChoiceField(label=_("Country"), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = self.instance
        known = countries.choices()
        if present.country not in countries.COUNTRIES:
            known = [(present.country, present.country), *known]
        timezones, places = self.fields["timezone"], self.fields["country"]
        timezones.choices = timezone_choices(present.timezone)  # type: ignore[attr-defined]  # a ChoiceField
        timezones.initial = present.timezone
        places.choices = known  # type: ignore[attr-defined]  # a ChoiceField
        places.initial = present.country


class ChurchAdmin(PlatformModelAdmin):
    """Churches: find, look at, change, suspend and resume. Deleting is for the command line."""

    form = ChurchForm
    list_display = ("church_name", "host_name", "state", "plan", "people", "size", "last_activity", "opened")
    list_display_links = ("church_name",)
    list_filter = (StatusFilter, PlanFilter, ActivityFilter)
    search_fields = ("name", "subdomain", "domains__domain")
    search_help_text = _("Name, host, or the id from a log line")
    ordering = ("name",)
    actions = ("suspend_selected", "resume_selected")
    fieldsets = (
        (None, {"fields": ("name", "plan_type", "timezone", "language", "country")}),
        (
            _("At a glance"),
            {"fields": ("address", "state", "people", "size", "last_activity", "opened", "id")},
        ),
    )
    readonly_fields = ("address", "state", "people", "size", "last_activity", "opened", "id")
    change_form_outer_before_template = "tenants/church_verbs.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def complete(self, rows: list[Any]) -> None:
        """Measures the churches of one page, all at once."""
        sizes = sizes_of(church.schema_name for church in rows)
        for church in rows:
            church.measured = sizes.get(church.schema_name)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        try:
            return queryset.filter(pk=uuid.UUID(search_term.strip())), False
        except ValueError:
            found: tuple[Any, bool] = super().get_search_results(request, queryset, search_term)
            return found

    def get_urls(self) -> list[URLPattern]:
        def page(view: Callable[..., HttpResponse]) -> Any:
            return self.admin_site.admin_view(require_POST(view))

        return [
            path("<uuid:church_id>/suspend/", page(self.suspend), name="tenants_church_suspend"),
            path("<uuid:church_id>/resume/", page(self.resume), name="tenants_church_resume"),
            *super().get_urls(),
        ]

    def perform_update(self, request: HttpRequest, instance: Church, values: dict[str, Any]) -> Church:
        return domain.change_settings(church=instance, **values)

    # Verbs.

    def suspend(self, request: HttpRequest, church_id: uuid.UUID) -> HttpResponse:
        return self._verb(request, church_id, self._suspend)

    def resume(self, request: HttpRequest, church_id: uuid.UUID) -> HttpResponse:
        return self._verb(request, church_id, self._resume)

    def _verb(
        self, request: HttpRequest, church_id: uuid.UUID, act: Callable[[HttpRequest, Church], None]
    ) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        church = get_object_or_404(Church, pk=church_id)
        act(request, church)
        return redirect(self._url("change", church.pk))

    def _suspend(self, request: HttpRequest, church: Church) -> None:
        domain.suspend_church(church=church)
        self.log_change(request, church, "Suspended.")
        messages.success(request, gettext("%(church)s is suspended.") % {"church": church})

    def _resume(self, request: HttpRequest, church: Church) -> None:
        domain.resume_church(church=church)
        self.log_change(request, church, "Resumed.")
        messages.success(request, gettext("%(church)s is active again.") % {"church": church})

    @admin.action(description=_("Suspend"), permissions=["change"])
    def suspend_selected(self, request: HttpRequest, queryset: Any) -> None:
        for church in queryset:
            self._suspend(request, church)

    @admin.action(description=_("Resume"), permissions=["change"])
    def resume_selected(self, request: HttpRequest, queryset: Any) -> None:
        for church in queryset:
            self._resume(request, church)

    # Columns.

    def _measured(self, church: Church) -> Size | None:
        measured: Size | None = self.completed(church, "measured")
        return measured

    @admin.display(description=_("name"), ordering="name")
    def church_name(self, church: Church) -> str:
        return church.name

    @admin.display(description=_("host"), ordering="subdomain")
    def host_name(self, church: Church) -> str:
        return church.host

    @admin.display(description=_("address"))
    def address(self, church: Church) -> SafeString:
        return format_html('<a href="{}/admin/" class="text-primary-600">{}</a>', church.url, church.host)

    @admin.display(description=_("status"), ordering="status")
    def state(self, church: Church) -> SafeString:
        return mark(church.get_status_display(), "bad" if church.is_suspended else "good")

    @admin.display(description=_("plan"), ordering="plan_type")
    def plan(self, church: Church) -> str:
        return church.get_plan_type_display()

    @admin.display(description=_("people"))
    def people(self, church: Church) -> str | None:
        measured = self._measured(church)
        if measured is None or measured.people is None:
            return None
        text = ngettext("%(count)s person", "%(count)s people", measured.people)
        return text % {"count": intcomma(measured.people)}

    @admin.display(description=_("on disk"))
    def size(self, church: Church) -> str | None:
        measured = self._measured(church)
        return filesizeformat(measured.bytes_on_disk) if measured else None

    @admin.display(description=_("last activity"), ordering="last_active_at")
    def last_activity(self, church: Church) -> str:
        return moment(church.last_active_at) if church.last_active_at else gettext("no sign-in yet")

    @admin.display(description=_("opened"), ordering="created_at")
    def opened(self, church: Church) -> str:
        return date_format(timezone.localtime(church.created_at), "SHORT_DATE_FORMAT")
