"""The base of the admin's pages, and what both sites leave out."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied

from core.admin import AreaModelAdmin
from tenants.sites import church_site, platform_site


def test_pages_without_an_area_cannot_be_made():
    with pytest.raises(ImproperlyConfigured, match="Nameless declares no area"):
        type("Nameless", (AreaModelAdmin,), {})


def test_every_page_of_a_church_names_an_area_of_the_permission_table():
    from accounts.permissions import AREAS

    assert church_site._registry
    for pages in church_site._registry.values():
        assert isinstance(pages, AreaModelAdmin)
        assert pages.area in AREAS


def test_pages_without_doors_change_nothing(rf):
    from accounts.models import User

    pages = type("Idle", (AreaModelAdmin,), {"area": "users"})(User, church_site)
    request = rf.post("/")
    with pytest.raises(PermissionDenied):
        pages.perform_create(request, {})
    with pytest.raises(PermissionDenied):
        pages.perform_update(request, None, {})
    with pytest.raises(PermissionDenied):
        pages.perform_destroy(request, None)


@pytest.mark.parametrize("site", [church_site, platform_site])
def test_there_is_no_command_palette(site):
    """unfold keeps its results under user and term, across churches and permissions."""
    assert "search" not in {getattr(pattern, "name", None) for pattern in site.get_urls()}


def test_the_command_palette_is_on_no_page(browser_session):
    anna = browser_session("anna")
    for address in ("/admin/", "/admin/members/member/", "/admin/settings/"):
        body = anna.get(address).content.decode()
        assert "search-input-command" not in body
        assert "opencommand" not in body
        assert "/admin/search" not in body
    assert anna.get("/admin/search/?s=ada&extended=1").status_code == 404


def test_the_apps_behind_the_pages_have_no_page(browser_session):
    anna = browser_session("anna")
    assert anna.get("/admin/members/").status_code == 404
    assert anna.get("/admin/accounts/").status_code == 404


def test_the_sidebar_has_at_most_seven_entries_each_for_who_may(browser_session):
    def entries(actor):
        context = browser_session(actor).get("/admin/").context
        [group] = context["sidebar_navigation"]
        return [str(item["title"]) for item in group["items"] if item["has_permission"]]

    rooms = ["Today", "People", "Events", "Prayer", "Visits"]
    assert entries("anna") == [*rooms, "Messages", "Settings"]
    assert entries("alice") == [*rooms, "Messages"]
    assert entries("bob") == rooms
    assert entries("vera") == ["Today", "People", "Events", "Prayer"]


def test_users_stand_beside_the_settings(browser_session):
    anna = browser_session("anna")
    for address in ("/admin/settings/", "/admin/accounts/user/"):
        answer = anna.get(address)
        [tabs] = [tab for tab in answer.context["tab_list"] if tab.get("page") == "settings"]
        assert [str(item["title"]) for item in tabs["items"]] == ["Settings", "Users"]
        assert [item["link"] for item in tabs["items"] if item["active"]] == [address]
        assert 'href="/admin/accounts/user/"' in answer.content.decode()
        [group] = answer.context["sidebar_navigation"]
        assert [str(item["title"]) for item in group["items"] if item["active"]] == ["Settings"]


def test_a_churchs_name_is_never_taken_for_a_function(browser_session, grace):
    """unfold imports and calls a text in its settings that is a dotted name."""
    from tenants.domain import change_settings

    change_settings(church=grace, name="os.getcwd")
    assert "os.getcwd</a>" in "".join(browser_session("anna").get("/admin/").content.decode().split())


def test_no_page_needs_a_script_within_it(browser_session):
    anna = browser_session("anna")
    addresses = (
        "/admin/", "/admin/members/member/", "/admin/members/member/add/", "/admin/members/memberimport/add/",
        "/admin/accounts/user/add/", "/admin/settings/", "/admin/password_change/", "/admin/login/",
    )  # fmt: skip
    for address in addresses:
        answer = anna.get(address)
        assert re.search(r"script-src 'self'(;|$)", answer.headers["Content-Security-Policy"])
        body = answer.content.decode()
        assert not re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", body)
        assert not re.findall(r"<[a-z][^>]*\son[a-z]+=", body)
