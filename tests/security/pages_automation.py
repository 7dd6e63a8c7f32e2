"""What a person's page takes of sequences, in the table of pages: it answers 405 to a look at it."""

from __future__ import annotations

from tests.security.page import Page

PERSON = "admin/members/member/<uuid:person_id>/"

PAGES = [
    Page(f"{PERSON}sequences/add/", "automation:write", 405, "member"),
    Page(f"{PERSON}sequences/<uuid:enrolment_id>/leave/", "automation:write", 405, "member"),
]
