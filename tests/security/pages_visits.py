"""Visits in the table of pages. Those that only take what is posted answer 405 to a look at them."""

from __future__ import annotations

from tests.security.page import PUBLIC, Page

BASE = "admin/visits/visit/"
VISIT = f"{BASE}<uuid:visit_id>/"

PAGES = [
    Page("visits/calendar/<str:token>.ics", PUBLIC, 404),
    Page(f"{BASE}calendar/", "visits:read"),
    Page(f"{BASE}hours/", "visits:write"),
    Page(f"{BASE}hours/link/", "visits:write", 405),
    Page(f"{VISIT}reschedule/", "visits:write", 200, "visit"),
    Page(f"{VISIT}complete/", "visits:write", 200, "visit"),
    Page(f"{VISIT}cancel/", "visits:write", 200, "visit"),
    Page(f"{VISIT}follow-up/", "visits:write", 200, "visit"),
    Page(f"{VISIT}report/", "members:confidential", 405, "visit"),
    Page(f"{VISIT}report/show/", "members:confidential", 405, "visit"),
]
