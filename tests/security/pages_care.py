"""Notes, confidential details, duplicates and merges in the table of pages.

Those that only take what is posted answer 405 to a look at them.
"""

from __future__ import annotations

from tests.security.page import Page

BASE = "admin/members/member/"
PERSON = f"{BASE}<uuid:person_id>/"
NOTE = f"{PERSON}notes/<uuid:note_id>/"

PAGES = [
    Page(f"{PERSON}notes/", "members:write", 405, "member"),
    Page(NOTE, "members:write", 200, "note"),
    Page(f"{NOTE}remove/", "members:write", 200, "note"),
    Page(f"{NOTE}show/", "members:confidential", 405, "note"),
    Page(f"{PERSON}confidential/", "members:confidential", 405, "member"),
    Page(f"{PERSON}confidential/show/", "members:confidential", 405, "member"),
    Page(f"{BASE}duplicates/", "members:write"),
    Page(f"{BASE}duplicates/not-the-same/", "members:write", 405),
    Page(f"{PERSON}merge/", "members:delete", 200, "member"),
    Page(f"{BASE}merges/", "members:delete"),
    Page(f"{BASE}merges/<uuid:merge_id>/undo/", "members:delete", 405, "merge"),
]
