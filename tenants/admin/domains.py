"""The platform's pages of the hosts that lead to churches."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from core.admin import ChoiceFilter, DoorForm
from tenants import domain
from tenants.models import Church, Domain
from tenants.sites import platform_site

from .base import PlatformModelAdmin


class KindFilter(ChoiceFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("own", _("The church's own")), ("platform", _("Below the platform's domain"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(is_primary=self.value() == "platform") if self.value() else queryset


class DomainForm(DoorForm):
    """A host and the church that it is to lead to; ``domain.add_domain`` has the last word."""

    domain = forms.CharField(
        label=_("Host"),
        max_length=253,
        help_text=_("Like www.grace.example; its DNS record must lead here."),
        widget=UnfoldAdminTextInputWidget,
    )
    church = forms.CharField(
        label=_("Church"),
        help_text=_("The church's subdomain, like grace."),
        widget=UnfoldAdminTextInputWidget,
    )

    def clean_church(self) -> Church:
        subdomain = self.cleaned_data["church"].strip().lower()
        church = Church.objects.filter(subdomain=subdomain).first()
        if church is None:
            raise ValidationError(_("There is no church with this subdomain."))
        return church


@admin.register(Domain, site=platform_site)
class DomainAdmin(PlatformModelAdmin):
    """The hosts of all churches; their own ones can be added and removed."""

    form = DomainForm
    fields = ("domain", "church")
    list_display = ("domain", "church", "kind")
    list_select_related = ("tenant",)
    list_filter = (KindFilter,)
    search_fields = ("domain", "tenant__name", "tenant__subdomain")
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_primary)

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> Domain:
        return domain.add_domain(church=values["church"], host=values["domain"])

    def perform_destroy(self, request: HttpRequest, instance: Domain) -> None:
        domain.remove_domain(domain=instance)

    @admin.display(description=_("church"), ordering="tenant__name")
    def church(self, host: Domain) -> str:
        return str(host.tenant)

    @admin.display(description=_("kind"), ordering="is_primary")
    def kind(self, host: Domain) -> str:
        return gettext("Below the platform's domain") if host.is_primary else gettext("The church's own")
