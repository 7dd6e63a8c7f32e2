"""Events in the table of pages. Those that only take what is posted answer 405 to a look at them."""

from __future__ import annotations

from tests.security.page import PUBLIC, SIGNED_IN, Page

BASE = "admin/events/event/"
EVENT = f"{BASE}<uuid:event_id>/"

PAGES = [
    Page("events/", PUBLIC),
    Page("events/feed.ics", PUBLIC),
    Page("events/feed/<str:token>.ics", PUBLIC, 404),
    Page("events/registrations/<str:token>/", PUBLIC, 404),
    Page("events/<uuid:event_id>/", PUBLIC, kind="event"),
    Page(f"{BASE}my-calendar/", "events:read"),
    Page(f"{EVENT}registrations/", "events:read", kind="event"),
    Page(f"{EVENT}people/", SIGNED_IN, 405, kind="event"),
    Page(f"{EVENT}add-person/", "events:write", kind="event"),
    Page(f"{EVENT}check-in/", "events:write", kind="event"),
    Page(f"{EVENT}duplicate/", SIGNED_IN, 405, kind="event"),
    Page(f"{EVENT}flyer/", "events:write", kind="event"),
    Page(f"{EVENT}cancel/", "events:write", kind="event"),
]
