"""The list of people, the page of a person, and what can be done to many at once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin import may
from files.urls import file_url
from members import domain
from members.custom_fields.visibility import visible_to
from members.models import Member
from tenants.sites import church_site

from . import filters
from .birthdays import birthday_text
from .custom_values import form_with, own_fieldset, own_filters
from .duplicates import in_order_of_age, merge_url
from .exporting import ExportPages
from .forms import MemberForm, TagActionForm
from .household_tab import household_card
from .list_verbs import list_verbs_for
from .people_pages import people_pages
from .person_page import DETAILS, person_page, person_url
from .presentation import address_lines, email_link, phone_link, status_mark, tag_marks

NAMES_SHOWN = 10


@admin.register(Member, site=church_site)
class MemberAdmin(ExportPages):
    """People. Reading is open to every role; adding, changing and tagging need ``members:write``."""

    area = "members"
    form = MemberForm
    list_display = ("name", "household_shown", "phone_shown", "email_shown", "status_shown", "tags_shown")
    list_display_links = ("name",)
    list_filter = (
        filters.StatusFilter,
        filters.TagFilter,
        filters.AddedFilter,
        filters.MissingFilter,
        filters.HouseholdRoleFilter,
        filters.SavedListFilter,
    )
    list_before_template = "members/people_links.html"
    # Only says that there is a search; get_search_results does it.
    search_fields = ("search_document",)
    search_help_text = _("Name, email, phone or tag")
    actions = ("add_tags", "remove_tags", "export_chosen", "merge_chosen")
    after_deletion = _(
        "Notes and confidential details go for good. Who was deleted can be restored without them."
    )
    change_form_outer_before_template = "members/person_card.html"
    fieldsets = (
        (
            _("Person"),
            {
                "fields": (
                    ("first_name", "middle_name", "last_name"),
                    ("prefix", "suffix", "nickname"),
                    ("birth_date", "gender", "marital_status"),
                )
            },
        ),
        (
            _("Contact"),
            {
                "fields": (
                    "email",
                    ("phone", "home_phone", "work_phone"),
                    ("address_line1", "address_line2"),
                    ("address_city", "address_state"),
                    ("address_postal_code", "address_country"),
                )
            },
        ),
        (
            _("Where post goes, if somewhere else"),
            {
                "fields": (
                    ("mailing_address_line1", "mailing_address_line2"),
                    ("mailing_address_city", "mailing_address_state"),
                    ("mailing_address_postal_code", "mailing_address_country"),
                ),
                "classes": ("collapse",),
            },
        ),
        (
            _("Church"),
            {"fields": (("membership_status", "baptized_date"), "tags", ("external_key", "timezone"))},
        ),
    )
    # For who may look only: each value as it is meant, links included.
    shown_fieldsets = (
        (_("Person"), {"fields": ("full_name", "nickname", "birthday_shown", "gender", "marital_status")}),
        (
            _("Contact"),
            {
                "fields": (
                    "email_shown",
                    "phone_shown",
                    "home_phone_shown",
                    "work_phone_shown",
                    "address_shown",
                    "mailing_address_shown",
                )
            },
        ),
        (
            _("Church"),
            {"fields": ("status_shown", "tags_shown", "baptized_date", "external_key", "timezone")},
        ),
    )

    def get_urls(self) -> Any:
        return [*people_pages.urls(), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        offers = {
            "offers_duplicates": may(request, "members:write"),
            "may_restore": may(request, "members:delete"),
            "list_verbs": list_verbs_for(request),
        }
        return super().changelist_view(request, {**offers, **(extra_context or {})})

    def get_fieldsets(self, request: HttpRequest, obj: Member | None = None) -> Any:
        writes = self.has_change_permission(request, obj)
        own = own_fieldset(visible_to(request), to_read=not writes)
        return [*(self.fieldsets if writes else self.shown_fieldsets), *own]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = form_with(self.form, visible_to(request))
        return super().get_form(request, obj, change, **{"form": form, **kwargs})

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [*self.list_filter, *own_filters(visible_to(request))]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_households()

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (queryset.matching(search_term) if search_term.strip() else queryset), False

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> Member:
        return domain.create_member(**values)

    def perform_update(self, request: HttpRequest, instance: Member, values: dict[str, Any]) -> Member:
        return domain.change_member(member=instance, **values)

    def perform_destroy(self, request: HttpRequest, instance: Member) -> None:
        domain.remove_member(member=instance)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        person: Member | None = kwargs.get("obj")
        if person is not None:
            context.update(self._card_of(request, person))
        return super().render_change_form(request, context, *args, **kwargs)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form, or the tab that the address names."""
        tab = person_page.chosen(request) if request.method == "GET" else None
        person = self.get_object(request, object_id) if tab else None
        if tab is None or person is None or not self.has_view_permission(request, person):
            return super().change_view(request, object_id, form_url, extra_context)
        context = {
            **self.admin_site.each_context(request),
            **self._card_of(request, person),
            **tab.reader(request, person),
            "opts": self.opts,
            "title": str(person),
            "tab_template": tab.template,
        }
        return TemplateResponse(request, "members/person_tab.html", context)

    def _card_of(self, request: HttpRequest, person: Member, open_tab: str = "") -> dict[str, Any]:
        """What the card above the tabs shows; the open tab is the address's unless it is given."""
        numbers = (person.phone, person.home_phone, person.work_phone)
        chosen = open_tab or getattr(person_page.chosen(request), "key", DETAILS)
        tabs = [(DETAILS, _("Details")), *((tab.key, tab.title) for tab in person_page.tabs_for(request))]
        return {
            "person": person,
            "phones": [phone_link(number) for number in numbers if number],
            "email_shown": email_link(person.email),
            "status_shown": status_mark(person.membership_status),
            "tags_shown": tag_marks(person.tags),
            **household_card(person),
            "photo_url": file_url(person.photo) if person.photo else "",
            "initials": f"{person.first_name[:1]}{person.last_name[:1]}".upper(),
            "lines": person_page.lines_for(request, person),
            "verbs": person_page.verbs_for(request, person),
            "tabs": [
                {
                    "title": title,
                    "url": person_url(person, key),
                    "is_open": key == chosen,
                }
                for key, title in tabs
            ],
        }

    # Actions on the people that were chosen in the list.

    @admin.action(description=_("Add a tag…"), permissions=["change"])
    def add_tags(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        suggestions = Member.objects.tag_names()
        return self._ask_for_tags(request, queryset, "add_tags", _("Add a tag"), suggestions)

    @admin.action(description=_("Remove a tag…"), permissions=["change"])
    def remove_tags(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        suggestions = queryset.tag_names()
        return self._ask_for_tags(request, queryset, "remove_tags", _("Remove a tag"), suggestions)

    def _ask_for_tags(
        self, request: HttpRequest, queryset: Any, action: str, title: Any, suggestions: list[str]
    ) -> HttpResponse | None:
        form = TagActionForm(
            request.POST if "apply" in request.POST else None, suggestions=suggestions, prefix="action"
        )
        if form.is_valid() and self._apply_tags(request, queryset, action, form):
            return None
        count = queryset.count()
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "form": form,
            "action": action,
            "count": count,
            "names": [str(person) for person in queryset[:NAMES_SHOWN]],
            "more": max(0, count - NAMES_SHOWN),
            "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "members/tag_action.html", context)

    def _apply_tags(self, request: HttpRequest, queryset: Any, action: str, form: TagActionForm) -> bool:
        door = domain.add_tags if action == "add_tags" else domain.remove_tags
        ids = list(queryset.values_list("pk", flat=True))
        try:
            changed = door(member_ids=ids, tags=form.cleaned_data["tags"])
        except ValidationError as refusal:
            form.add_error("tags", refusal.messages)
            return False
        messages.success(
            request,
            ngettext("%(count)d person was changed.", "%(count)d people were changed.", changed)
            % {"count": changed},
        )
        return True

    @admin.action(description=_("Merge…"), permissions=["delete"])
    def merge_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        chosen = list(queryset[:3])
        if len(chosen) != 2:
            messages.error(request, gettext("Choose the two people who are one."))
            return None
        return HttpResponseRedirect(merge_url(*in_order_of_age(*chosen)))

    # Columns and values.

    @admin.display(description=_("name"), ordering="last_name")
    def name(self, person: Member) -> str:
        return f"{person.last_name}, {person.first_name}"

    @admin.display(description=_("household"))
    def household_shown(self, person: Member) -> str:
        return next((m.household.name for m in person.household_memberships.all() if m.is_primary), "")

    @admin.display(description=_("name"))
    def full_name(self, person: Member) -> str:
        parts = (person.prefix, person.first_name, person.middle_name, person.last_name, person.suffix)
        return " ".join(part for part in parts if part)

    @admin.display(description=_("phone"))
    def phone_shown(self, person: Member) -> str:
        return phone_link(person.phone or person.home_phone or person.work_phone)

    @admin.display(description=_("phone at home"))
    def home_phone_shown(self, person: Member) -> str:
        return phone_link(person.home_phone)

    @admin.display(description=_("phone at work"))
    def work_phone_shown(self, person: Member) -> str:
        return phone_link(person.work_phone)

    @admin.display(description=_("email"), ordering="email")
    def email_shown(self, person: Member) -> str:
        return email_link(person.email)

    @admin.display(description=_("status"), ordering="membership_status")
    def status_shown(self, person: Member) -> str:
        return status_mark(person.membership_status)

    @admin.display(description=_("tags"))
    def tags_shown(self, person: Member) -> str:
        return tag_marks(person.tags)

    @admin.display(description=_("birthday"))
    def birthday_shown(self, person: Member) -> str:
        return birthday_text(person.birth_date)

    @admin.display(description=_("mailing address"))
    def mailing_address_shown(self, person: Member) -> str:
        return format_html_join(
            "", "<div>{}</div>", ((line,) for line in address_lines(person.mailing_address))
        )

    @admin.display(description=_("address"))
    def address_shown(self, person: Member) -> str:
        return format_html_join("", "<div>{}</div>", ((line,) for line in address_lines(person.address)))
