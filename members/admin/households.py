"""The list of households, and the page of one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin import ChoiceFilter
from members.households import domain
from members.households.reading import with_people
from members.models import Household
from tenants.sites import church_site

from .household_forms import HouseholdForm
from .household_pages import HouseholdPages, household_people_context
from .presentation import address_lines, phone_link

ADDRESS_ROWS = (("line1", "line2"), ("city", "state"), ("postal_code", "country"))


class MissingFilter(ChoiceFilter):
    title = _("missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("address", _("Without address")), ("people", _("Without people"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "address":
                return queryset.filter(address={})
            case "people":
                return queryset.filter(memberships=None)
        return queryset


def _address_rows(address: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(f"{address}_{part}" for part in row) for row in ADDRESS_ROWS)


@admin.register(Household, site=church_site)
class HouseholdAdmin(HouseholdPages):
    """Households: found, renamed, given an address; their people come and go through forms above."""

    area = "members"
    form = HouseholdForm
    add_verb = _("New household")
    save_verb = _("Create household")
    list_display = ("name", "people_shown", "address_shown", "phone_shown")
    list_display_links = ("name",)
    list_filter = (MissingFilter,)
    # Only says that there is a search; get_search_results does it.
    search_fields = ("name",)
    search_help_text = _("Name of the household, or of somebody in it")
    change_form_outer_before_template = "members/household_people.html"

    class Media:
        css = {"all": ("members/households.css",)}

    fieldsets = (
        (_("Household"), {"fields": ("name", "phone", "external_key")}),
        (_("Address"), {"fields": _address_rows("address")}),
        (_("Where post goes, if somewhere else"), {"fields": _address_rows("mailing_address")}),
    )
    # For who may look only.
    shown_fieldsets = (
        (
            _("Household"),
            {"fields": ("name", "phone_shown", "address_shown", "mailing_address_shown", "external_key")},
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Household | None = None) -> Any:
        return self.fieldsets if self.has_change_permission(request, obj) else self.shown_fieldsets

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related(with_people())

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (queryset.matching(search_term) if search_term.strip() else queryset), False

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> Household:
        return domain.create_household(**values)

    def perform_update(self, request: HttpRequest, instance: Household, values: dict[str, Any]) -> Household:
        return domain.change_household(household=instance, **values)

    def perform_destroy(self, request: HttpRequest, instance: Household) -> None:
        domain.remove_household(household=instance)

    def response_add(
        self, request: HttpRequest, obj: Household, post_url_continue: str | None = None
    ) -> HttpResponse:
        # The next thing to do is to put people into it.
        return HttpResponseRedirect(self._url("change", obj.pk))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        household: Household | None = kwargs.get("obj")
        if household is not None:
            context.update(household_people_context(household))
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("people"))
    def people_shown(self, household: Household) -> str:
        return ", ".join(membership.member.first_name for membership in household.memberships.all())

    @admin.display(description=_("phone"))
    def phone_shown(self, household: Household) -> str:
        return phone_link(household.phone)

    @admin.display(description=_("address"))
    def address_shown(self, household: Household) -> SafeString:
        return format_html_join("", "<div>{}</div>", ((line,) for line in address_lines(household.address)))

    @admin.display(description=_("where post goes"))
    def mailing_address_shown(self, household: Household) -> SafeString:
        lines = address_lines(household.mailing_address)
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines))
