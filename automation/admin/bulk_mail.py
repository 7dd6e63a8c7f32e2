"""Messages to many: the list, the form, and the page of one that is on its way."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from automation.bulk_mail import domain
from automation.bulk_mail.reading import Progress, mails_for, progress_of
from automation.models import AutomatedMessage, BulkMail
from automation.writing.merge_fields import fields_for
from core.admin import AreaModelAdmin, ChoiceFilter, may
from tenants.sites import church_site

from .bulk_mail_forms import MessageForm
from .bulk_mail_pages import mail_pages
from .presentation import step_name
from .shown import shown

Status = BulkMail.Status
MARKS = {
    Status.DRAFT: "plain",
    Status.QUEUED: "new",
    Status.RUNNING: "new",
    Status.DONE: "good",
    Status.CANCELLED: "bad",
}


class StatusFilter(ChoiceFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Status.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(BulkMail, site=church_site)
class BulkMailAdmin(AreaModelAdmin):
    """One's messages to many. Whoever may not see people sees none of them."""

    area = "automation"
    add_verb = _("Write a message")
    list_display = ("what", "audience", "message_type", "state", "numbers", "when")
    list_display_links = ("what",)
    list_filter = (StatusFilter,)
    actions = None

    def get_urls(self) -> Any:
        return [*mail_pages.urls(), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        return mails_for(request.user).defer("body_html", "prepared")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "automation:read") and may(request, "members:read")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, "automation:write") and may(request, "members:read")

    def has_change_permission(self, request: HttpRequest, obj: BulkMail | None = None) -> bool:
        return self.has_add_permission(request) and (obj is None or obj.status == Status.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: BulkMail | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def perform_destroy(self, request: HttpRequest, instance: BulkMail) -> None:
        domain.remove_draft(mail=instance)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's messages with how far each is, which one query counts for all."""
        changelist = super().get_changelist_instance(request)
        changelist.result_list = list(changelist.result_list)
        found = progress_of(changelist.result_list)
        for mail in changelist.result_list:
            mail.progress = found[mail.pk]
        return changelist

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new message; the address may hold the filters of the list of people, for whom it is then."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._form_page(request, None)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form of a draft; of all others how far it is."""
        mail: BulkMail | None = self.get_object(request, object_id)
        if not self.has_view_permission(request):
            raise PermissionDenied
        if mail is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if self.has_change_permission(request, mail):
            return self._form_page(request, mail)
        if request.method == "POST":
            if not self.has_add_permission(request):
                raise PermissionDenied
            messages.error(request, gettext("It is on its way and cannot be changed any more."))
            return HttpResponseRedirect(self._url("change", mail.pk))
        return self._progress_page(request, mail)

    def _form_page(self, request: HttpRequest, mail: BulkMail | None) -> HttpResponse:
        form = MessageForm(request, mail, request.POST if request.method == "POST" else None)
        if form.is_valid() and (stored := self._stored(request, mail, form)) is not None:
            return HttpResponseRedirect(reverse("admin:automation_bulkmail_preview", args=[stored.pk]))
        if not form.is_whole and request.method == "GET":
            messages.warning(
                request, gettext("The list that was shown is left out: two rules of this kind are not one.")
            )
        return shown(
            request,
            "automation/bulk_mail_write.html",
            self.add_verb if mail is None else step_name(mail),
            among=BulkMail,
            form=form,
            mail=mail,
            fields=[(f"{{{{ {name} }}}}", text) for name, text in fields_for().items()],
        )

    def _stored(self, request: HttpRequest, mail: BulkMail | None, form: MessageForm) -> BulkMail | None:
        """Calls the door; None, with the refusal on the form, when it refuses."""
        user: Any = request.user
        try:
            if mail is None:
                return domain.write_draft(user=user, **form.values())
            return domain.change_draft(mail=mail, user=user, **form.values())
        except ValidationError as refusal:
            form.refuse(refusal)
            return None

    def _progress_page(self, request: HttpRequest, mail: BulkMail) -> HttpResponse:
        progress = progress_of([mail])[mail.pk]
        reasons = dict(AutomatedMessage.SkipReason.choices)
        return shown(
            request,
            "automation/bulk_mail_page.html",
            step_name(mail),
            among=BulkMail,
            mail=mail,
            progress=progress,
            state=self.state(mail),
            left_out=[(reasons.get(name, name), number) for name, number in progress.left_out.items()],
            may_call_off=self.has_add_permission(request) and mail.status in domain.UNFINISHED,
            preview_url=reverse("admin:automation_bulkmail_preview", args=[mail.pk]),
        )

    @admin.display(description=_("message"))
    def what(self, mail: BulkMail) -> str:
        return step_name(mail)

    @admin.display(description=_("status"), ordering="status")
    def state(self, mail: BulkMail) -> str:
        mark = MARKS.get(Status(mail.status), "plain")
        return format_html('<span class="mark mark-{}">{}</span>', mark, mail.get_status_display())

    @admin.display(description=_("people"))
    def numbers(self, mail: BulkMail) -> str:
        progress: Progress = getattr(mail, "progress", Progress())
        if mail.status == Status.DRAFT:
            return ""
        parts = [
            gettext("%(sent)d of %(total)d sent") % {"sent": progress.sent, "total": mail.recipients_total}
        ]
        if troubled := progress.failed + progress.unknown:
            parts.append(ngettext("%(count)d failed", "%(count)d failed", troubled) % {"count": troubled})
        if left := progress.left_out_total:
            parts.append(ngettext("%(count)d left out", "%(count)d left out", left) % {"count": left})
        return ", ".join(parts)

    @admin.display(description=_("when"), ordering="created_at")
    def when(self, mail: BulkMail) -> str:
        return date_format(localtime(mail.confirmed_at or mail.created_at), "SHORT_DATETIME_FORMAT")
