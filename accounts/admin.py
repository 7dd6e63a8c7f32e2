"""The users of a church, managed by its administrators."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core.admin import AreaModelAdmin, ChoiceFilter
from tenants.sites import church_site, platform_site

from . import domain
from .forms import OwnPasswordForm
from .models import User
from .permissions import Role
from .sessions import pages as session_pages
from .two_factor import domain as second_factors
from .two_factor import pages as two_factor_pages

for site in (church_site, platform_site):
    site.own_password_form = OwnPasswordForm
    session_pages.add_to(site)
    two_factor_pages.add_to(site)


def _last_administrator(field: str | None) -> ValidationError:
    text = _("This is the only administrator who may sign in. Make somebody else an administrator first.")
    return ValidationError({field: text} if field else text)


class RoleFilter(ChoiceFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Role.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(role=self.value()) if self.value() else queryset


class AccessFilter(ChoiceFilter):
    title = _("sign-in")
    parameter_name = "access"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            ("on", _("May sign in")),
            ("off", _("Switched off")),
            ("never", _("Has never signed in")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "on":
                return queryset.filter(is_active=True)
            case "off":
                return queryset.filter(is_active=False)
            case "never":
                return queryset.filter(last_login=None)
        return queryset


@admin.register(User, site=church_site)
class UserAdmin(AreaModelAdmin):
    """Invite, change, switch off and delete; an invitation goes out when a user is added."""

    area = "users"
    add_verb = _("Invite user")
    save_verb = _("Send the invitation")
    list_display = ("person", "email", "role_name", "access", "two_factor", "last_seen")
    list_display_links = ("person",)
    list_filter = (RoleFilter, AccessFilter)
    fieldsets = ((None, {"fields": ("email", "first_name", "last_name", "role", "is_active")}),)
    add_fieldsets = (
        (
            None,
            {
                "fields": ("email", "first_name", "last_name", "role"),
                "description": _("They get a mail with a link by which they choose their password."),
            },
        ),
    )
    change_form_outer_before_template = "accounts/user_verbs.html"

    def get_urls(self) -> list[URLPattern]:
        invite = self.admin_site.admin_view(require_POST(self.send_invitation))
        reset = self.admin_site.admin_view(require_POST(self.reset_two_factor))
        return [
            path("<uuid:user_id>/invite/", invite, name="accounts_user_invite"),
            path("<uuid:user_id>/reset-two-factor/", reset, name="accounts_user_reset_two_factor"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return User.objects.here().with_second_factor()

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> User:
        user = domain.create_user(**values)
        domain.invite(user=user)
        messages.info(request, gettext("An invitation is on its way to %(email)s.") % {"email": user.email})
        return user

    def perform_update(self, request: HttpRequest, instance: User, values: dict[str, Any]) -> User:
        try:
            return domain.change_user(user=instance, **values)
        except domain.LastAdministratorError as error:
            raise _last_administrator("role" if "role" in values else "is_active") from error

    def perform_destroy(self, request: HttpRequest, instance: User) -> None:
        try:
            domain.delete_user(user=instance)
        except domain.LastAdministratorError as error:
            raise _last_administrator(None) from error

    def send_invitation(self, request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
        """Mails the link once more to somebody who has not used it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = get_object_or_404(self.get_queryset(request).active(), pk=user_id)
        domain.invite(user=user)
        messages.info(request, gettext("An invitation is on its way to %(email)s.") % {"email": user.email})
        return redirect(self._url("change", user.pk))

    def reset_two_factor(self, request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
        """Takes the second factor from somebody who has lost it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = get_object_or_404(self.get_queryset(request), pk=user_id)
        administrator: Any = request.user
        try:
            second_factors.reset(user=user, by=administrator)
        except ValidationError as refusal:
            self._say(request, refusal)
        else:
            text = gettext("%(person)s signs in by password alone until they set it up anew.")
            messages.info(request, text % {"person": user})
        return redirect(self._url("change", user.pk))

    @admin.display(description=_("name"), ordering="last_name")
    def person(self, user: User) -> str:
        return str(user)

    @admin.display(description=_("role"), ordering="role")
    def role_name(self, user: User) -> str:
        return user.get_role_display()

    @admin.display(description=_("sign-in"), ordering="is_active")
    def access(self, user: User) -> str:
        text, kind = (_("May sign in"), "good") if user.is_active else (_("Switched off"), "plain")
        return format_html('<span class="mark mark-{}">{}</span>', kind, text)

    @admin.display(description=_("two-factor"))
    def two_factor(self, user: User) -> str:
        if not user.has_second_factor:
            return ""
        return format_html('<span class="mark mark-good">{}</span>', _("Two-factor"))

    @admin.display(description=_("last sign-in"), ordering="last_login")
    def last_seen(self, user: User) -> str:
        if user.last_login is None:
            return gettext("never")
        return date_format(timezone.localtime(user.last_login), "SHORT_DATETIME_FORMAT")
