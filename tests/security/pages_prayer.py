"""Prayer in the table of pages. Those that only take what is posted answer 405 to a look at them."""

from __future__ import annotations

from tests.security.page import PUBLIC, Page

BASE = "admin/prayer/prayerrequest/"
ONE = f"{BASE}<uuid:request_id>/"

PAGES = [
    Page("prayer/", PUBLIC),
    Page("prayer/ask/", PUBLIC),
    # A secret that nobody has.
    Page("prayer/mine/<str:secret>/", PUBLIC, 404),
    Page("prayer/<uuid:request_id>/pray/", PUBLIC, 405, "prayer request"),
    Page(f"{BASE}session/", "prayer:read"),
    Page(f"{ONE}act/", "prayer:write", 405, "prayer request"),
    Page(f"{ONE}pray/", "prayer:read", 405, "prayer request"),
    Page(f"{ONE}updates/", "prayer:write", 405, "prayer request"),
    Page(f"{ONE}answered/", "prayer:write", 200, "prayer request"),
]
