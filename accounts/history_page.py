"""The page on which administrators read who changed what in their church."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList as UnfoldChangeList

from core.admin import AreaModelAdmin, ChoiceFilter
from core.history import tracked_models
from core.history_reading import ACTIONS, Reader
from core.history_words import ORIGINS, heading_of, lines_of, who_and_where
from core.models import HistoryEntry
from tenants.sites import SettingsLink, church_site

from .models import User

LINES_IN_LIST = 6

church_site.add_settings_link(
    SettingsLink(
        _("Who changed what"),
        _("Every change, with who made it, when and from where."),
        "core_historyentry_changelist",
        "settings:read",
    )
)


class KindFilter(ChoiceFilter):
    title = _("what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        kinds = {model._meta.label_lower: capfirst(model._meta.verbose_name) for model in tracked_models()}
        return sorted(kinds.items(), key=lambda pair: str(pair[1]))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class ActionFilter(ChoiceFilter):
    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("create", _("Added")), ("update", _("Changed")), ("delete", _("Deleted"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        numbers = {name: number for number, name in ACTIONS.items()}
        number = numbers.get(self.value() or "")
        return queryset if number is None else queryset.filter(action=number)


class WhoFilter(ChoiceFilter):
    title = _("who")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(str(user.pk), str(user)) for user in User.objects.here()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = {value for value, _name in self.lookup_choices}
        return queryset.filter(actor=self.value()) if self.value() in chosen else queryset


class OriginFilter(ChoiceFilter):
    title = _("from where")
    parameter_name = "origin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(origin, capfirst(text)) for origin, text in ORIGINS.items() if origin != "web"]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(origin=self.value()) if self.value() else queryset


class WhenFilter(ChoiceFilter):
    title = _("when")
    parameter_name = "when"
    DAYS = {"today": 0, "week": 6, "month": 30}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("today", _("Today")), ("week", _("In seven days")), ("month", _("In thirty days"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        days = self.DAYS.get(self.value() or "")
        if days is None:
            return queryset
        first = timezone.localdate() - datetime.timedelta(days=days)
        return queryset.filter(
            timestamp__gte=timezone.make_aware(datetime.datetime.combine(first, datetime.time.min))
        )


class Entries(UnfoldChangeList):
    """Looks up the names for all entries of a page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = list(self.result_list)
        reader = Reader()
        names = reader.names(self.result_list)
        for entry in self.result_list:
            entry.lines = lines_of(entry, reader, names)
            entry.about_name = names.get(str(entry.about), "")


@admin.register(HistoryEntry, site=church_site)
class HistoryAdmin(AreaModelAdmin):
    """Reading alone: what it tells is changed by nobody."""

    area = "settings"
    list_display = ("when", "who", "what", "changes_told")
    list_display_links = ("when",)
    list_filter = (KindFilter, ActionFilter, WhoFilter, OriginFilter, WhenFilter)
    ordering = ("-timestamp", "-id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Entries

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"title": _("Who changed what"), **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One entry with all its lines."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        entry: HistoryEntry | None = self.get_object(request, object_id)
        if entry is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        reader = Reader()
        names = reader.names([entry])
        who, where = who_and_where(entry)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": heading_of(entry),
            "entry": entry,
            "about_name": names.get(str(entry.about), entry.object_repr),
            "who": who,
            "where": where,
            "lines": lines_of(entry, reader, names),
        }
        return TemplateResponse(request, "core/history_entry.html", context)

    @admin.display(description=_("when"), ordering="timestamp")
    def when(self, entry: HistoryEntry) -> str:
        return date_format(timezone.localtime(entry.timestamp), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("who"))
    def who(self, entry: HistoryEntry) -> str:
        return ", ".join(text for text in who_and_where(entry) if text)

    @admin.display(description=_("what"))
    def what(self, entry: Any) -> str:
        whose = ": ".join(text for text in (entry.about_name, entry.object_repr) if text)
        return f"{heading_of(entry)} – {whose}"

    @admin.display(description=_("changes"))
    def changes_told(self, entry: Any) -> str:
        lines = entry.lines[:LINES_IN_LIST]
        return render_to_string("core/history_lines.html", {"lines": lines})
