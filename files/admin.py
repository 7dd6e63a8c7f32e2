"""The page with a church's files: what there is, how large, from whom, and where it is used."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList as UnfoldChangeList

from core.admin import AreaModelAdmin, ChoiceFilter, DoorForm, may
from core.rate_limits import TooManyRequestsError, count
from tenants.sites import church_site

from . import domain, usage
from .kinds import BY_SIGNATURE, OFFICE, OPEN_DOCUMENT, TEXT, TEXTS
from .models import StoredFile
from .uploads import UPLOAD_LIMIT, FileInput
from .urls import file_url

KINDS = {
    "image": _("Picture"),
    "audio": _("Sound"),
    "video": _("Film"),
    "text": _("Text"),
    "application/pdf": _("PDF"),
}
_KNOWN = [*BY_SIGNATURE.values(), *OFFICE.values(), TEXT, *TEXTS.values()]
ENDINGS = ",".join(sorted({*(kind.ending for kind in _KNOWN), *OPEN_DOCUMENT.values()}))


def kind_name(content_type: str) -> str:
    """What people call it: picture, PDF, document."""
    name = KINDS.get(content_type) or KINDS.get(content_type.partition("/")[0])
    return str(name or _("Document"))


class UploadForm(DoorForm):
    """A file; everything else is found by looking at it."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=FileInput(attrs={"accept": ENDINGS}),
        help_text=_("Pictures, PDF, office documents, text, sound or film."),
    )

    class Meta:
        model = StoredFile
        fields = ("file",)


class PurposeFilter(ChoiceFilter):
    title = _("purpose")
    parameter_name = "purpose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return StoredFile.Purpose.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(purpose=self.value()) if self.value() in StoredFile.Purpose else queryset


class Files(UnfoldChangeList):
    """Looks up where the files of a page are used, for all at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = list(self.result_list)
        found = usage.uses_of(self.result_list)
        for file in self.result_list:
            file.uses = found.get(file.pk, [])


@admin.register(StoredFile, site=church_site)
class StoredFileAdmin(AreaModelAdmin):
    """Uploading and deleting need ``files:write``. Nothing of a stored file is changed."""

    area = "files"
    form = UploadForm
    add_verb = _("Upload a file")
    save_verb = _("Upload")
    list_display = ("name", "kind", "size_shown", "purpose", "uploaded_by", "uploaded", "used_in")
    list_display_links = ("name",)
    list_filter = (PurposeFilter,)
    list_select_related = ("uploaded_by",)
    list_before_template = "files/room.html"
    search_fields = ("name",)
    search_help_text = _("Name")
    ordering = ("-created_at", "id")
    actions = None
    add_fieldsets = ((None, {"fields": ("file",)}),)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name_shown",
                    "kind",
                    "size_shown",
                    "purpose",
                    "uploaded_by",
                    "uploaded",
                    "used_in",
                )
            },
        ),
    )

    class Media:
        css = {"all": ["files/files.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: StoredFile | None = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "files:write")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Files

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        used, quota = usage.used(), usage.quota()
        room = {"used": used, "quota": quota, "percent": min(100, 100 * used // max(1, quota))}
        return super().changelist_view(request, {"room": room, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        fetch = self.admin_site.admin_view(self.fetch)
        return [path("<uuid:file_id>/download/", fetch, name="stored_file_download"), *super().get_urls()]

    def fetch(self, request: HttpRequest, file_id: Any) -> HttpResponse:
        """Leads to a fresh address of the file."""
        if not may(request, "files:read"):
            raise PermissionDenied
        file = get_object_or_404(StoredFile, pk=file_id)
        answer = HttpResponseRedirect(file_url(file, download=True))
        answer["Cache-Control"] = "private, no-store"
        return answer

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> StoredFile:
        user: Any = request.user
        content = values["file"]
        try:
            count(UPLOAD_LIMIT, str(user.pk))
        except TooManyRequestsError as error:
            text = gettext("Too many files at once. Try again in a minute.")
            raise ValidationError({"file": text}) from error
        return domain.store_file(
            content=content, name=content.name, purpose=StoredFile.Purpose.DOCUMENT, user=user
        )

    def perform_destroy(self, request: HttpRequest, instance: StoredFile) -> None:
        domain.discard_file(file=instance)

    def response_add(
        self, request: HttpRequest, obj: StoredFile, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, gettext("“%(name)s” was uploaded.") % {"name": obj.name})
        return HttpResponseRedirect(self._url("changelist"))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        file: StoredFile | None = kwargs.get("obj")
        context.update(title=str(file) if file else self.add_verb)
        return super().render_change_form(request, context, *args, **kwargs)

    # Columns and values.

    @admin.display(description=_("type"))
    def kind(self, file: StoredFile) -> str:
        return kind_name(file.content_type)

    @admin.display(description=_("size"), ordering="size")
    def size_shown(self, file: StoredFile) -> str:
        return filesizeformat(file.size)

    @admin.display(description=_("uploaded on"), ordering="created_at")
    def uploaded(self, file: StoredFile) -> str:
        return date_format(timezone.localtime(file.created_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("name"))
    def name_shown(self, file: StoredFile) -> SafeString:
        url = reverse("admin:stored_file_download", args=[file.pk])
        link = '{} <a class="file-link" href="{}">{}</a>'
        return format_html(link, file.name, url, gettext("Download"))

    @admin.display(description=_("used in"))
    def used_in(self, file: Any) -> SafeString:
        uses = file.uses if hasattr(file, "uses") else usage.uses_of([file]).get(file.pk, [])
        places = [
            format_html('<a href="{}">{}</a>', use.url, use.label)
            if use.url
            else format_html("{}", use.label)
            for use in uses
        ]
        return format_html(
            '<span class="file-uses">{}</span>', format_html_join(" ", "{}", ((place,) for place in places))
        )
