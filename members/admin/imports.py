"""Importing a list of people, and what became of former imports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminFileFieldWidget

from core.admin import AreaModelAdmin, DoorForm, may
from core.rate_limits import TooManyRequestsError, count
from files.uploads import UPLOAD_LIMIT
from members.importing import domain, undo
from members.importing.preview import preview_of
from members.importing.reading import LARGEST_FILE
from members.models import MemberImport
from tenants.sites import TodaySection, church_site

from .import_columns import ColumnsForm, start_sequences_field
from .import_page import page_of_import

IMPORTS_ON_FIRST_PAGE = 3
DELIMITERS = {"comma": _("commas"), "semicolon": _("semicolons"), "tab": _("tabs"), "bar": _("bars")}


class ImportForm(DoorForm):
    """A file; what its columns mean is asked on the next page."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        help_text=_(
            "A list as CSV, as Planning Center, Breeze, ChurchCRM, B1 or a spreadsheet saves it. "
            "Nothing is changed before you have seen what would happen."
        ),
    )

    start_sequences = start_sequences_field()

    class Meta:
        model = MemberImport
        fields = ("file", "start_sequences")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(gettext("The file is larger than 20 MB."))
        return file


@admin.register(MemberImport, site=church_site)
class MemberImportAdmin(AreaModelAdmin):
    """Upload, progress and results; for those who may write people, since rows quote the file."""

    area = "members"
    form = ImportForm
    add_verb = _("Import people")
    save_verb = _("Go on")
    list_display = ("file", "started", "person", "status_shown", "result")
    list_display_links = ("file",)
    list_select_related = ("created_by",)
    add_fieldsets = ((None, {"fields": ("file", "start_sequences")}),)

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
        return domain.take_in(content=file.read(), file_name=file.name, user=user, **values)

    def response_add(
        self, request: HttpRequest, obj: MemberImport, post_url_continue: str | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(self._url("columns", obj.pk))

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
        member_import = self._asked_for(request, object_id)
        if member_import is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if member_import.status == MemberImport.Status.DRAFT:
            return HttpResponseRedirect(self._url("columns", object_id))
        context = page_of_import(request, member_import)
        return self._page(request, "members/import_page.html", member_import, context)

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        ours = [
            ("columns", self.columns_view),
            ("run", require_POST(self.run_view)),
            ("undo", self.undo_view),
        ]
        return [
            path(f"<path:object_id>/{name}/", site.admin_view(view), name=f"members_memberimport_{name}")
            for name, view in ours
        ] + super().get_urls()

    def _asked_for(self, request: HttpRequest, object_id: str) -> MemberImport | None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found: MemberImport | None = self.get_object(request, object_id)
        return found

    def _page(
        self, request: HttpRequest, template: str, member_import: MemberImport, context: dict[str, Any]
    ) -> HttpResponse:
        site = self.admin_site.each_context(request)
        page = {"opts": self.opts, "title": str(member_import), "import": member_import}
        return TemplateResponse(request, template, {**site, **page, **context})

    def columns_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the columns mean: guessed, and corrected here. Then the trial run starts."""
        member_import = self._asked_for(request, object_id)
        if member_import is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        content = domain.content_of(member_import)
        if content is None or not (
            member_import.status == MemberImport.Status.DRAFT or member_import.dry_run
        ):
            return HttpResponseRedirect(self._url("change", object_id))
        user: Any = request.user
        preview = preview_of(content, user=user)
        form = ColumnsForm(
            request.POST if request.method == "POST" else None,
            preview=preview,
            user=user,
            start_sequences=member_import.start_sequences,
        )
        if form.is_valid() and self._choose(request, member_import, form):
            return HttpResponseRedirect(self._url("change", object_id))
        context = {"preview": preview, "form": form, "delimiter": DELIMITERS[preview.delimiter]}
        return self._page(request, "members/import_columns.html", member_import, context)

    def _choose(self, request: HttpRequest, member_import: MemberImport, form: ColumnsForm) -> bool:
        try:
            with transaction.atomic():
                domain.choose_columns(
                    member_import=member_import,
                    mapping=form.mapping(),
                    external_key=form.cleaned_data["external_key"],
                    start_sequences=form.cleaned_data["start_sequences"],
                )
        except ValidationError as refusal:
            form.show(refusal)
            return False
        except domain.NotPossibleError as reason:
            messages.error(request, str(reason))
        return True

    def run_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Carries a trial run out."""
        member_import = self._asked_for(request, object_id)
        if member_import is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        user: Any = request.user
        try:
            started = domain.carry_out(member_import=member_import, user=user)
        except domain.NotPossibleError as reason:
            messages.error(request, str(reason))
            return HttpResponseRedirect(self._url("change", object_id))
        return HttpResponseRedirect(self._url("change", started.pk))

    def undo_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Says what an undo would do, and on the answer starts it."""
        member_import = self._asked_for(request, object_id)
        if member_import is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        user: Any = request.user
        if reason := undo.reason_against(member_import):
            messages.error(request, reason)
            return HttpResponseRedirect(self._url("change", object_id))
        if request.method == "POST":
            undo.ask_for_undo(member_import=member_import, user=user)
            return HttpResponseRedirect(self._url("change", object_id))
        return self._page(request, "members/import_undo.html", member_import, {})

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
    if member_import.undo_asked_at:
        trial = gettext("being undone") if member_import.is_being_undone else gettext("undone")
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
        for found in MemberImport.objects.exclude(status=MemberImport.Status.DRAFT)[:IMPORTS_ON_FIRST_PAGE]
    ]
    return TodaySection(gettext("Latest imports"), "members/today_imports.html", {"imports": imports})
