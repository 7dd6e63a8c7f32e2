"""Declined addresses in the table of pages, and the pages behind the links in messages."""

from __future__ import annotations

from tests.security.page import PUBLIC, SIGNED_IN, Page

BASE = "admin/automation/suppression/"
ONE = f"{BASE}<path:object_id>/"

PAGES = [
    # Tokens that nobody has.
    Page("messages/<str:token>/unsubscribe", PUBLIC, 404),
    Page("messages/<str:token>/preferences", PUBLIC, 404),
    Page(BASE, "automation:read"),
    Page(f"{BASE}add/", "automation:write"),
    Page(f"{ONE}change/", "automation:read", 200, "suppression"),
    Page(f"{ONE}delete/", "automation:write", 200, "suppression"),
    Page(f"{ONE}history/", SIGNED_IN, 404, "suppression"),
    Page(ONE, SIGNED_IN, 302, "suppression"),
]
