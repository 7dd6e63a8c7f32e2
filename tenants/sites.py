"""The two admin sites: a church's on its host, the platform's on the platform's."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite

from .context import current_church_or_none


class PlatformSite(UnfoldAdminSite):
    """For superusers: churches, domains, jobs."""

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return current_church_or_none() is None and bool(user.is_active and user.is_superuser)


class ChurchSite(UnfoldAdminSite):
    """For the people of one church who sign in; what each sees is up to the permission table."""

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        church = current_church_or_none()
        return church is not None and bool(user.is_active and getattr(user, "tenant_id", None) == church.id)


platform_site = PlatformSite(name="admin")
church_site = ChurchSite(name="admin")
