"""The pages behind the links in messages, in the table of pages."""

from __future__ import annotations

from tests.security.page import PUBLIC, Page

PAGES = [
    # Tokens that nobody has.
    Page("messages/<str:token>/unsubscribe", PUBLIC, 404),
    Page("messages/<str:token>/preferences", PUBLIC, 404),
]
