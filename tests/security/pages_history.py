"""The history, deleted people, and everything about a person in the table of pages."""

from __future__ import annotations

from tests.security.page import Page

BASE = "admin/members/member/"
PERSON = f"{BASE}<uuid:person_id>/"
DELETED = f"{BASE}deleted/"

PAGES = [
    Page(f"{PERSON}history/<uuid:entry_id>/put-back/", "members:write", 200, "changed"),
    Page(DELETED, "members:delete"),
    Page(f"{DELETED}<uuid:entry_id>/restore/", "members:delete", 200, "deletion"),
    Page(f"{DELETED}<uuid:entry_id>/erase/", "settings:write", 200, "deletion"),
    Page(f"{PERSON}everything/", "settings:write", 200, "member"),
    Page(f"{PERSON}erase/", "settings:write", 200, "member"),
]
