"""Whose role must have a second factor: what the church's settings say under ``two_factor_roles``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied

from accounts.permissions import Role
from tenants.context import current_church_or_none

SETTING = "two_factor_roles"


class SecondFactorMissingError(PermissionDenied):
    """403 for who must have a second factor and has not set one up. A new login would not help."""

    default_detail = _(
        "Your church asks for two-factor sign-in. Sign in on the church's pages and set it up there."
    )


def roles() -> frozenset[str]:
    """The roles that must have a second factor in the church that was entered; outside of one, none."""
    church = current_church_or_none()
    return frozenset(church.settings.get(SETTING) or ()) if church else frozenset()


def is_missing(role: str, second_factor_since: datetime | None) -> bool:
    """Whether somebody with this role, and a second factor since then (None: without), must set it up."""
    return second_factor_since is None and role in roles()


def validate(value: Any) -> None:
    """Raises ValidationError unless ``value`` is a list of roles."""
    if not isinstance(value, list) or any(role not in Role.values for role in value):
        raise ValidationError(_("A list of roles: %(roles)s."), params={"roles": ", ".join(Role.values)})
