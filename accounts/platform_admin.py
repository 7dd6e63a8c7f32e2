"""The platform's pages of churches, with the one that opens a church: it takes an administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget

from tenants.admin.churches import ChurchAdmin, ChurchForm
from tenants.models import Church
from tenants.sites import platform_site
from tenants.subdomains import normalized_subdomain

from .domain import open_church


class OpenChurchForm(ChurchForm):
    """What opening a church takes; ``domain.open_church`` has the last word."""

    admin_email = forms.EmailField(
        label=_("Email of the first administrator"),
        max_length=255,
        help_text=_("They get a mail with a link by which they choose their password."),
        widget=UnfoldAdminEmailInputWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = _("What stands before .%(domain)s: letters a to z, digits and hyphens.")
        self.fields["subdomain"].help_text = text % {"domain": settings.BASE_DOMAIN}

    def clean_subdomain(self) -> str:
        return normalized_subdomain(self.cleaned_data["subdomain"])


@admin.register(Church, site=platform_site)
class OpeningChurchAdmin(ChurchAdmin):
    """The pages of churches, and opening one."""

    add_fieldsets = (
        (
            None,
            {"fields": ("name", "subdomain", "plan_type", "timezone", "language", "country", "admin_email")},
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = OpenChurchForm
        return super().get_form(request, obj, change, **kwargs)

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> Church:
        church, administrator = open_church(
            timezone_name=values.pop("timezone"), mail_invitation=True, **values
        )
        text = gettext("%(church)s is open at %(host)s. An invitation is on its way to %(email)s.")
        messages.info(request, text % {"church": church, "host": church.host, "email": administrator.email})
        return church
