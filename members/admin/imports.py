"""Importing a list of people, and what became of former imports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from core.admin import AreaModelAdmin, DoorForm, may
from core.rate_limits import TooManyRequestsError, count
from members.importing import domain
from members.importing.api_uploads import UPLOAD_LIMIT
from members.importing.reading import LARGEST_FILE
from members.models import Member, MemberImport
from tenants.sites import TodaySection, church_site

from .presentation import ADDRESS_PARTS

FAILED_ROWS_SHOWN = 200
IMPORTS_ON_FIRST_PAGE = 3


class ImportForm(DoorForm):
    """A file, whether it is a trial, and the column that identifies people."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        help_text=_(
            "A list as CSV, as ChurchCRM, ChurchApps or a spreadsheet saves it. "
            "The first line names the columns."
        ),
    )
    dry_run = forms.BooleanField(
        label=_("Trial run: show what would happen, change nothing"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    external_key = forms.CharField(
        label=_("Column that identifies people"),
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_(
            "Only if the file has one, such as “Person ID”. Without it, people are known again by "
            "their name with email, birthday or household."
        ),
    )

    class Meta:
        model = MemberImport
        fields = ("file", "dry_run", "external_key")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(gettext("The file is larger than 20 MB."))
        return file


def field_label(name: str) -> str:
    """What the pages call a field of an import: ``address.city`` is City, ``birth_date`` Birthday."""
    kind, _dot, part = name.partition(".")
    if kind == "address" and part in ADDRESS_PARTS:
        return str(ADDRESS_PARTS[part])
    if part:
        return part.replace("_", " ").capitalize()
    known = {field.name: field.verbose_name for field in Member._meta.concrete_fields}
    return str(capfirst(known.get(name, name)))


def counts_of(member_import: MemberImport) -> list[dict[str, Any]]:
    """What the rows have come to; of a trial run, what they would."""
    names = ("created", "updated", "unchanged", "failed")
    fields: dict[str, Any] = {name: MemberImport._meta.get_field(name) for name in names}
    return [
        {
            "name": name,
            "label": capfirst(fields[name].verbose_name),
            "count": getattr(member_import, name),
        }
        for name in names
    ]


@admin.register(MemberImport, site=church_site)
class MemberImportAdmin(AreaModelAdmin):
    """Upload, progress and results; for those who may write people, since rows quote the file."""

    area = "members"
    form = ImportForm
    add_verb = _("Import people")
    save_verb = _("Start import")
    list_display = ("file", "started", "person", "status_shown", "result")
    list_display_links = ("file",)
    list_select_related = ("created_by",)
    add_fieldsets = ((None, {"fields": ("file", "dry_run", "external_key")}),)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, "members:write")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "members:write")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> MemberImport:
        user: Any = request.user
        file = values.pop("file")
        try:
            count(UPLOAD_LIMIT, str(user.pk))
        except TooManyRequestsError as error:
            text = gettext("Too many files at once. Try again in a minute.")
            raise ValidationError({"file": text}) from error
        return domain.start_import(content=file.read(), file_name=file.name, user=user, **values)

    def response_add(
        self, request: HttpRequest, obj: MemberImport, post_url_continue: str | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(self._url("change", obj.pk))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context.update(title=self.add_verb)
        return super().render_change_form(request, context, *args, **kwargs)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """How far the import is, and what became of it; the page's script fetches it anew until the end."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        member_import: MemberImport | None = self.get_object(request, object_id)
        if member_import is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        failed = [
            {
                "row": row,
                "field": field_label(error["field"]) if error["field"] else "",
                "text": error["message"],
            }
            for row, errors in member_import.failed_rows()[:FAILED_ROWS_SHOWN]
            for error in errors
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(member_import),
            "import": member_import,
            "counts": counts_of(member_import),
            "failed": failed,
            "failed_not_shown": max(0, member_import.failed - FAILED_ROWS_SHOWN),
            "columns": [
                {"column": column["column"], "fields": ", ".join(map(field_label, column["fields"]))}
                for column in member_import.columns
            ],
        }
        return TemplateResponse(request, "members/import_page.html", context)

    @admin.display(description=_("file"), ordering="file_name")
    def file(self, member_import: MemberImport) -> str:
        return member_import.file_name

    @admin.display(description=_("started"), ordering="created_at")
    def started(self, member_import: MemberImport) -> Any:
        return member_import.created_at

    @admin.display(description=_("by"))
    def person(self, member_import: MemberImport) -> str:
        return str(member_import.created_by or "")

    @admin.display(description=_("status"), ordering="status")
    def status_shown(self, member_import: MemberImport) -> SafeString:
        return import_mark(member_import)

    @admin.display(description=_("result"))
    def result(self, member_import: MemberImport) -> str:
        return result_text(member_import)


def import_mark(member_import: MemberImport) -> SafeString:
    kinds = {MemberImport.Status.DONE: "good", MemberImport.Status.FAILED: "bad"}
    kind = kinds.get(MemberImport.Status(member_import.status), "new")
    trial = gettext("trial run") if member_import.dry_run else ""
    return format_html(
        '<span class="marks"><span class="mark mark-{}">{}</span> {}</span>',
        kind,
        member_import.get_status_display(),
        format_html('<span class="mark">{}</span>', trial) if trial else "",
    )


def result_text(member_import: MemberImport) -> str:
    """``12 new, 3 changed, 66 as they were, 1 with errors``."""
    return gettext(
        "%(created)d new, %(updated)d changed, %(unchanged)d as they were, %(failed)d with errors"
    ) % {
        "created": member_import.created,
        "updated": member_import.updated,
        "unchanged": member_import.unchanged,
        "failed": member_import.failed,
    }


@church_site.today(position=80)
def latest_imports(request: HttpRequest) -> TodaySection | None:
    """The last imports, where there was one."""
    if not may(request, "members:write"):
        return None
    imports = [
        {"import": found, "mark": import_mark(found), "result": result_text(found)}
        for found in MemberImport.objects.all()[:IMPORTS_ON_FIRST_PAGE]
    ]
    return TodaySection(gettext("Latest imports"), "members/today_imports.html", {"imports": imports})
