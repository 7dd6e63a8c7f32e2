"""Files and photos in the table of pages."""

from __future__ import annotations

from tests.security.page import PUBLIC, SIGNED_IN, Page

BASE = "admin/files/storedfile/"
ONE = f"{BASE}<path:object_id>/"

PAGES = [
    Page(BASE, "files:read"),
    Page(f"{BASE}add/", "files:write"),
    Page(f"{ONE}change/", "files:read", 200, "file"),
    Page(f"{ONE}delete/", "files:write", 200, "file"),
    Page(f"{ONE}history/", SIGNED_IN, 404, "file"),
    Page(ONE, SIGNED_IN, 302, "file"),
    Page(f"{BASE}<uuid:file_id>/download/", "files:read", 302, "file"),
    Page("admin/members/member/<uuid:person_id>/photo/", "members:write", 200, "member"),
    # Who has an address that was signed needs nothing else; this one was not.
    Page("files/<str:token>", PUBLIC, 404),
]
