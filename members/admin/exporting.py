"""Exporting people from their list: all that it shows, or those who were chosen."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import helpers
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from core.admin import AreaModelAdmin, may
from members.exporting.download import download
from members.exporting.files import FORMATS, export_people

CHOSEN = "file"


class ExportPages(AreaModelAdmin):
    """Adds a page and an action to the list of people. A whole list in one file is more than looking
    people up: it takes ``members:write``.
    """

    area = "members"

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export_view)
        return [path("export/", export, name="members_member_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Which kind of file the people of the list, as it is filtered in the address, shall go into."""
        if not may(request, "members:write"):
            raise PermissionDenied
        query = request.GET.copy()
        chosen = query.pop(CHOSEN, [""])[-1]
        request.GET = query  # type: ignore[assignment]  # the list must not take the kind of file for a filter
        try:
            people = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self._url("changelist"))
        if chosen in FORMATS:
            return self._file(request, people, chosen, [name for name in query if query[name]])
        context = {"count": people.count(), "query": query.urlencode(), "is_filtered": bool(query)}
        return self._export_page(request, "members/export_page.html", context)

    @admin.action(description=_("Export…"), permissions=["change"])
    def export_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponseBase:
        chosen = request.POST.get(CHOSEN, "")
        if chosen in FORMATS:
            return self._file(request, queryset, chosen, ["chosen"])
        context = {
            "count": queryset.count(),
            "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
        }
        return self._export_page(request, "members/export_action.html", context)

    def _export_page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        site = self.admin_site.each_context(request)
        page = {"opts": self.opts, "title": _("Export people")}
        return TemplateResponse(request, template, {**site, **page, **context})

    def _file(self, request: HttpRequest, people: Any, chosen: str, filters: list[str]) -> HttpResponseBase:
        user: Any = request.user
        file = export_people(people, file_format=chosen, user=user, filters=filters)
        return download(request, file, chosen)
