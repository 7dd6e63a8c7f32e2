"""The two admin sites: a church's on its host, the platform's on the platform's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, include, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from core import context
from core.admin import may

from .context import current_church, current_church_or_none

Page = Callable[[HttpRequest, "AdminSite"], HttpResponse]
Detour = Callable[[HttpRequest], HttpResponse | None]


class SignInGoesOn(Exception):  # noqa: N818 - nothing is wrong
    """Raised by the form of the sign-in page where another page has to follow: ``response`` leads there."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__("The sign-in goes on at another page.")
        self.response = response


class AdminSite(UnfoldAdminSite):
    """What both sites have in common.

    unfold's command palette is off: it keeps what it found under user and term for five minutes,
    across churches and after a permission has gone. Its address does not exist.
    """

    # The room that knows users gives the form by which one changes one's own password; its
    # ``save`` goes through a door.
    own_password_form: type[forms.Form] | None = None

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._pages: list[tuple[str, Page, str, bool]] = []
        self._detours: list[Detour] = []

    def add_page(self, route: str, page: Page, name: str, *, public: bool = False) -> None:
        """Adds a page of a room above, below ``/admin/``; unless ``public``, for who is signed in."""
        self._pages.append((route, page, name, public))

    def add_detour(self, detour: Detour) -> None:
        """Asks ``detour`` before each page for who is signed in: where it answers, that is shown instead."""
        self._detours.append(detour)

    def get_urls(self) -> list[URLPattern]:
        urls = [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "search"]
        return [*(self._url_of(*page) for page in self._pages), *urls]

    def _url_of(self, route: str, page: Page, name: str, public: bool) -> URLPattern:
        def view(request: HttpRequest) -> HttpResponse:
            return page(request, self)

        return path(route, view if public else self.admin_view(view), name=name)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        @wraps(view)
        def detoured(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            for detour in self._detours:
                if response := detour(request):
                    return response
            return view(request, *args, **kwargs)

        guarded = super().admin_view(detoured, cacheable)

        @wraps(guarded)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            context.origin.set("admin")
            return guarded(request, *args, **kwargs)

        return page

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        try:
            return super().login(request, {"title": _("Sign in"), **(extra_context or {})})
        except SignInGoesOn as step:
            add_never_cache_headers(step.response)
            return step.response

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().logout(request, {"title": _("You are signed out"), **(extra_context or {})})

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:
        # How the code is divided into apps means nothing to those who use it.
        raise Http404

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        if self.own_password_form is None:
            raise Http404
        # Deferred: Django's own site does so too, because its views import the user model.
        from django.contrib.auth.views import PasswordChangeView

        request.current_app = self.name
        view = PasswordChangeView.as_view(
            form_class=self.own_password_form,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)


class PlatformSite(AdminSite):
    """For superusers: churches, domains, jobs. The list of churches is the first page."""

    settings_name = "UNFOLD_PLATFORM"
    index_title = _("Churches")

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:tenants_church_changelist", permanent=False)

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return current_church_or_none() is None and bool(user.is_active and user.is_superuser)


@dataclass(frozen=True)
class TodaySection:
    """One part of a church's first page: a template and what it shows."""

    title: str
    template: str
    content: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SettingsLink:
    """One line below a church's settings: a ``page`` (name of an address) of a room above, and what it is
    for.
    """

    title: Any
    text: Any
    page: str
    permission: str


TodayReader = Callable[[HttpRequest], TodaySection | None]


class ChurchSite(AdminSite):
    """For the people of one church who sign in; what each sees is up to the permission table."""

    index_title = _("Today")
    index_template = "admin/today.html"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._today: list[tuple[int, TodayReader]] = []
        self._settings_links: list[SettingsLink] = []
        self._registers: list[tuple[str, Callable[[], list[URLPattern]]]] = []

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        church = current_church_or_none()
        return church is not None and bool(user.is_active and getattr(user, "tenant_id", None) == church.id)

    def today(self, position: int) -> Callable[[TodayReader], TodayReader]:
        """Adds a section to the first page, by rising ``position``; rooms call it in their admin.

        The function is given the request and answers None where the user may not see the section.
        """

        def add(reader: TodayReader) -> TodayReader:
            self._today.append((position, reader))
            return reader

        return add

    def add_pages(self, prefix: str, urls: Callable[[], list[URLPattern]]) -> None:
        """Adds the addresses of a register (``GuardedPages.urls``) below ``/admin/`` and ``prefix``: pages
        beside a list that is no page here.
        """
        self._registers.append((prefix, urls))

    def add_settings_link(self, link: SettingsLink) -> None:
        """Adds a line to the settings' page; rooms call it in their admin."""
        self._settings_links.append(link)

    def settings_links(self, request: HttpRequest) -> list[SettingsLink]:
        """The lines for whoever asks."""
        return [link for link in self._settings_links if may(request, link.permission)]

    def get_urls(self) -> list[URLPattern]:
        # Deferred: the page is shown by this site, so it imports this module first.
        from .settings_page import church_settings

        settings_page = path("settings/", self.admin_view(church_settings), name="church_settings")
        registers = [path(prefix, include(urls())) for prefix, urls in self._registers]
        return [settings_page, *registers, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        readers = [reader for position, reader in sorted(self._today, key=lambda entry: entry[0])]
        sections = [section for reader in readers if (section := reader(request)) is not None]
        return super().index(request, {"sections": sections, **(extra_context or {})})

    def extra_context(self, context: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
        # Not through UNFOLD: unfold takes a text there for a function's dotted name and calls it,
        # and a church's name is what somebody typed.
        church = current_church()
        return {**context, "site_title": church.name, "site_header": church.name, "church": church}


platform_site = PlatformSite(name="admin")
church_site = ChurchSite(name="admin")
