"""The pages of saved lists: which there are, and the rule of each as rows of a plain form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin import AreaModelAdmin, may
from members.custom_fields.visibility import visible_to
from members.models import SavedList
from members.rules.rule import MOST_CONDITIONS, counts_for, subjects_for
from members.saved_lists import domain
from members.saved_lists.reading import lists_for
from tenants.sites import church_site

from .list_rules import (
    MATCHES,
    ConditionForm,
    ListForm,
    initial_row,
    rule_of_filters,
    sentences,
    suggest,
)

PATH = "rule.conditions."


def people_url(saved_list: SavedList) -> str:
    """The list of people, showing those on ``saved_list``."""
    return f"{reverse('admin:members_member_changelist')}?list={saved_list.pk}"


@admin.register(SavedList, site=church_site)
class SavedListAdmin(AreaModelAdmin):
    """One's own lists and those for everybody; who is on one is shown by the list of people."""

    area = "members"
    add_verb = _("Make a list")
    list_display = ("name", "people", "for_whom", "made_by")
    list_display_links = ("name",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return lists_for(request.user)

    def has_change_permission(self, request: HttpRequest, obj: SavedList | None = None) -> bool:
        allowed = may(request, "members:write")
        return allowed and (obj is None or domain.may_change(obj, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: SavedList | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def perform_destroy(self, request: HttpRequest, instance: SavedList) -> None:
        user: Any = request.user
        domain.remove_list(saved_list=instance, user=user)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's lists with how many people are on each, which one query counts for all."""
        changelist = super().get_changelist_instance(request)
        changelist.result_list = list(changelist.result_list)
        counts = counts_for([saved_list.rule for saved_list in changelist.result_list], request.user)
        for saved_list, count in zip(changelist.result_list, counts, strict=True):
            saved_list.people_count = count
        return changelist

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new list; the address may hold the filters of the list of people, which its rule begins with."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        rule, is_whole = rule_of_filters(request)
        if not is_whole and request.method == "GET":
            messages.warning(
                request, gettext("The list that was shown is left out: two rules of this kind are not one.")
            )
        return self._rule_page(request, None, {"rule": rule})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The list's rule: as a form for who may change it, else to read."""
        saved_list: SavedList | None = self.get_object(request, object_id)
        if not self.has_view_permission(request):
            raise PermissionDenied
        if saved_list is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST" and not self.has_change_permission(request, saved_list):
            raise PermissionDenied
        present = {name: getattr(saved_list, name) for name in ("name", "is_shared", "rule")}
        return self._rule_page(request, saved_list, present)

    def _rule_page(
        self, request: HttpRequest, saved_list: SavedList | None, present: Mapping[str, Any]
    ) -> HttpResponse:
        own_fields = visible_to(request)
        subjects = subjects_for(own_fields)
        data = request.POST if request.method == "POST" else None
        form = ListForm(data, initial={**present, "match": present["rule"].get("match", "all")})
        rows = _rows_of(data, present["rule"], subjects)
        if data is not None and "add" not in data and "remove" not in data:
            stored = self._save(request, saved_list, form, rows)
            if stored is not None:
                messages.success(request, gettext("The list “%(name)s” is saved.") % {"name": stored.name})
                return HttpResponseRedirect(people_url(stored))
        suggest(rows, own_fields)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": saved_list.name if saved_list else self.add_verb,
            "saved_list": saved_list,
            "people_url": people_url(saved_list) if saved_list else "",
            "may_change": saved_list is None or self.has_change_permission(request, saved_list),
            "form": form,
            "rows": rows,
            "may_add": len(rows) < MOST_CONDITIONS,
            "match": dict(MATCHES).get(present["rule"].get("match", "all")),
            "sentences": sentences(present["rule"], own_fields),
        }
        return TemplateResponse(request, "members/saved_list_page.html", context)

    def _save(
        self,
        request: HttpRequest,
        saved_list: SavedList | None,
        form: ListForm,
        rows: Sequence[ConditionForm],
    ) -> SavedList | None:
        """Calls the door; None, with the refusal on the forms, when it or a form refuses."""
        if not all([form.is_valid(), *(row.is_valid() for row in rows)]):
            return None
        user: Any = request.user
        conditions, places = [], []
        for row in rows:
            try:
                condition = row.condition()
            except ValidationError as refusal:
                row.add_error("value", refusal.messages)
                continue
            if condition is not None:
                conditions.append(condition)
                places.append(row)
        if any(row.errors for row in rows):
            return None
        rule = {"match": form.cleaned_data["match"], "conditions": conditions}
        values = {
            "name": form.cleaned_data["name"],
            "is_shared": form.cleaned_data["is_shared"],
            "rule": rule,
        }
        try:
            if saved_list is None:
                return domain.save_list(user=user, **values)
            return domain.change_list(saved_list=saved_list, user=user, **values)
        except ValidationError as refusal:
            _show(refusal, form, places)
            return None

    @admin.display(description=_("people"))
    def people(self, saved_list: SavedList) -> str:
        count = getattr(saved_list, "people_count", 0)
        text = ngettext("%(count)d person", "%(count)d people", count) % {"count": count}
        return format_html('<a class="contact-link" href="{}">{}</a>', people_url(saved_list), text)

    @admin.display(description=_("for whom"), ordering="is_shared")
    def for_whom(self, saved_list: SavedList) -> str:
        return gettext("for everybody") if saved_list.is_shared else gettext("for me")

    @admin.display(description=_("by"))
    def made_by(self, saved_list: SavedList) -> str:
        return str(saved_list.owner or "")


def _rows_of(
    data: QueryDict | None, rule: Mapping[str, Any], subjects: Mapping[str, Any]
) -> list[ConditionForm]:
    """The rows of the form: those of the rule, or those that were sent with one more or one less."""
    if data is None:
        initial = [initial_row(condition, subjects) for condition in rule.get("conditions", [])] or [{}]
        return [
            ConditionForm(initial=row, prefix=f"row{number}", subjects=subjects)
            for number, row in enumerate(initial)
        ]
    numbers = [n for n in range(MOST_CONDITIONS) if f"row{n}-what" in data]
    if "add" not in data and "remove" not in data:
        return [ConditionForm(data, prefix=f"row{number}", subjects=subjects) for number in numbers]
    kept = [
        {"what": data.get(f"row{n}-what", ""), "value": data.get(f"row{n}-value", "")}
        for n in numbers
        if f"row{n}" != data.get("remove")
    ]
    if "add" in data and len(kept) < MOST_CONDITIONS:
        kept.append({})
    return [
        ConditionForm(initial=row, prefix=f"row{number}", subjects=subjects)
        for number, row in enumerate(kept or [{}])
    ]


def _show(refusal: ValidationError, form: ListForm, rows: Sequence[ConditionForm]) -> None:
    """Puts what the door said to where it belongs."""
    for path, texts in refusal.message_dict.items():
        number, _point, part = path.removeprefix(PATH).partition(".")
        if path.startswith(PATH) and number.isdecimal():
            rows[int(number)].add_error("value" if part == "value" else "what", texts)
        else:
            form.add_error(path if path in form.fields else None, texts)
