"""The list of prayer requests with its tabs, and the form."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from core.admin import AreaModelAdmin, ChoiceFilter, DoorForm, may
from members.models import Member
from prayer import domain, values, visibility
from prayer.forms import CATEGORY_NAMES, category_name
from prayer.models import VISITORS, PrayerRequest
from prayer.wall_settings import has_wall
from tenants.sites import church_site

from .presentation import prayer_pages, request_url, state_marks, who_asked
from .request_page import card_of

Status, Moderation, Priority = PrayerRequest.Status, PrayerRequest.Moderation, PrayerRequest.Priority
TABS: dict[str, tuple[Any, Q, str]] = {
    "review": (_("Waiting for review"), Q(moderation="pending", status="active"), visibility.WRITE),
    "urgent": (_("Urgent"), Q(priority="urgent", status="active"), visibility.WRITE),
    "active": (_("Active"), Q(status="active"), visibility.READ),
    "answered": (_("Answered"), Q(status="answered"), visibility.READ),
    "closed": (_("Closed"), Q(status="closed"), visibility.READ),
}


FIELDS = ("title", "description", "category", "priority", "is_anonymous", "is_public", "wants_mail")


class ShownFilter(ChoiceFilter):
    """What the tabs above the list show; also one of its filters."""

    title = _("state")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(name, title) for name, (title, _q, permission) in TABS.items() if may(request, permission)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = TABS.get(self.value() or "")
        return queryset.filter(known[1]) if known else queryset


class CategoryFilter(ChoiceFilter):
    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        used = visibility.requests_for(request.user).exclude(category="").order_by("category")
        return [(name, category_name(name)) for name in used.values_list("category", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(category=self.value()) if self.value() else queryset


class AssignedFilter(ChoiceFilter):
    title = _("assigned to")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("me", _("Me")), ("nobody", _("Nobody"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "me":
                return queryset.filter(assigned_to=request.user)
            case "nobody":
                return queryset.filter(assigned_to=None)
        return queryset


class PrayerRequestForm(DoorForm):
    """A request, and of a guest the name and address. ``member`` comes from the person's page."""

    # Whether whoever fills it in may know who asked; put here by the page.
    knows_name: ClassVar[bool] = True

    name = forms.CharField(
        label=_("Name"), required=False, max_length=values.LONGEST_NAME, widget=UnfoldAdminTextInputWidget
    )
    email = forms.EmailField(
        label=_("Email"), required=False, max_length=values.LONGEST_EMAIL, widget=UnfoldAdminEmailInputWidget
    )
    category = forms.ChoiceField(label=_("Category"), required=False, widget=UnfoldAdminSelectWidget)
    member = forms.ModelChoiceField(Member.objects.all(), required=False, widget=forms.HiddenInput)

    class Meta:
        model = PrayerRequest
        fields = FIELDS
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance
        self.fields["title"].required = False
        self.fields["title"].help_text = _("Left empty, the beginning of the text.")
        self.fields["is_public"].help_text = _("Only with the first name, and never where anonymous.")
        own = {stored.category: category_name(stored.category)} if stored.category else {}
        choices: Any = [("", "—"), *{**own, **CATEGORY_NAMES}.items()]
        self.fields["category"].choices = choices  # type: ignore[attr-defined]  # a choice field
        if not stored._state.adding:
            self._leave_what_is_decided(stored)

    def _leave_what_is_decided(self, stored: PrayerRequest) -> None:
        """Fields that are the requester's own decision, or that whoever asks may not see, are not there."""
        self.initial.update(name=stored.guest_name, email=stored.guest_email)
        by_visitor = stored.source in VISITORS
        gone = ["member"]
        if not self.knows_name or stored.requester_id:
            gone += ["name", "email"]
        if stored.is_anonymous and (by_visitor or not self.knows_name):
            gone.append("is_anonymous")
        if by_visitor and not stored.is_public:
            gone.append("is_public")
        for name in gone:
            self.fields.pop(name, None)


@admin.register(PrayerRequest, site=church_site)
class PrayerRequestAdmin(AreaModelAdmin):
    """Prayer requests: found by their state, looked after on a page of their own each."""

    area = "prayer"
    form = PrayerRequestForm
    add_verb = _("New prayer request")
    save_verb = _("Save prayer request")
    list_display = (
        "title_shown", "who_shown", "state_shown", "assigned_shown", "prayed_count", "asked_shown",
    )  # fmt: skip
    list_display_links = ("title_shown",)
    list_filter = (ShownFilter, CategoryFilter, AssignedFilter)
    list_before_template = "prayer/list_tabs.html"
    # Only says that there is a search; get_search_results does it.
    search_fields = ("title",)
    search_help_text = _("Words of title or text")
    change_form_outer_before_template = "prayer/form_person.html"
    actions = ()

    class Media:
        css = {"all": ("prayer/team.css",)}

    def get_urls(self) -> Any:
        return [*prayer_pages.urls(), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        user: Any = request.user
        found = visibility.requests_for(user).select_related("requester", "assigned_to")
        return found.order_by("-created_at", "-id")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        # Each request is somebody's: there is nothing to do with many at once.
        return {}

    def get_list_display(self, request: HttpRequest) -> Any:
        """The columns; who asked as whoever looks at the list may know it."""
        user: Any = request.user

        @admin.display(description=_("asked by"))
        def who_shown(prayer: PrayerRequest) -> str:
            return who_asked(user, prayer)

        return [who_shown if name == "who_shown" else name for name in self.list_display]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.matching(search_term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {
            "tabs": self._tabs(request),
            "session_url": reverse("admin:prayer_session"),
            "has_wall": has_wall(),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def _tabs(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The tabs with their numbers, in one query."""
        offered = {name: tab for name, tab in TABS.items() if may(request, tab[2])}
        counting = {name: Count("pk", filter=tab[1]) for name, tab in offered.items()}
        numbers = visibility.requests_for(request.user).aggregate(**counting)
        chosen = request.GET.get("show", "")
        tabs = [
            {"title": tab[0], "url": f"?show={name}", "number": numbers[name], "is_open": name == chosen}
            for name, tab in offered.items()
        ]
        return [*tabs, {"title": _("All"), "url": "?", "number": None, "is_open": chosen not in offered}]

    # The form.

    def get_fieldsets(self, request: HttpRequest, obj: PrayerRequest | None = None) -> Any:
        names = list(self.get_form(request, obj, change=obj is not None)(instance=obj).fields)
        guest = [name for name in ("name", "email") if name in names]
        rest = [name for name in names if name not in guest]
        return [(None, {"fields": [*rest[:2], *guest, *rest[2:]]})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        knows = obj is None or visibility.may_know_name(request.user, obj)
        form = type(self.form.__name__, (self.form,), {"knows_name": knows})
        given = {**kwargs, "form": form, "fields": FIELDS}
        return super().get_form(request, obj, change, **given)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        member = self._member(request)
        return {"member": member.pk} if member else {}

    def _member(self, request: HttpRequest) -> Member | None:
        """The person whom the address of the empty form names."""
        try:
            key = uuid.UUID(request.GET.get("member", ""))
        except ValueError:
            return None
        return Member.objects.filter(pk=key).first()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        return super().add_view(request, form_url, {"person": self._member(request), **(extra_context or {})})

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> PrayerRequest:
        user: Any = request.user
        return domain.submit_request(source=PrayerRequest.Source.ADMIN, user=user, **values).request

    def perform_update(
        self, request: HttpRequest, instance: PrayerRequest, values: dict[str, Any]
    ) -> PrayerRequest:
        user: Any = request.user
        return domain.change_request(request=instance, user=user, **values)

    def perform_destroy(self, request: HttpRequest, instance: PrayerRequest) -> None:
        domain.remove_request(request=instance)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        return HttpResponseRedirect(request_url(obj))

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        return HttpResponseRedirect(request_url(obj))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of the request, or with ``?edit=1`` its form."""
        writes = self.has_change_permission(request)
        prayer = self.get_object(request, object_id)
        if prayer is None or not self.has_view_permission(request, prayer) or (writes and _edits(request)):
            return super().change_view(request, object_id, form_url, extra_context)
        return card_of(request, prayer)

    # Columns.

    @admin.display(description=_("asked by"))
    def who_shown(self, prayer: PrayerRequest) -> str:
        """Nobody, until ``get_list_display`` knows who looks."""
        return ""

    @admin.display(description=_("request"), ordering="title")
    def title_shown(self, prayer: PrayerRequest) -> str:
        return prayer.title or "…"

    @admin.display(description=_("state"), ordering="priority")
    def state_shown(self, prayer: PrayerRequest) -> str:
        return state_marks(prayer)

    @admin.display(description=_("assigned to"))
    def assigned_shown(self, prayer: PrayerRequest) -> str:
        return str(prayer.assigned_to or "")

    @admin.display(description=_("asked"), ordering="created_at")
    def asked_shown(self, prayer: PrayerRequest) -> Any:
        return prayer.created_at


def _edits(request: HttpRequest) -> bool:
    return request.method == "POST" or "edit" in request.GET
