"""The pages on which a church writes to its people, and sees who wants to be left alone."""

from __future__ import annotations

from . import (
    bulk_mail,
    bulk_mail_pages,
    declined_by_person,
    messages,
    people,
    people_list,
    person,
    sequences,
    step_preview,
    steps,
    story,
    suppressions,
    today,
)

__all__ = [
    "bulk_mail",
    "bulk_mail_pages",
    "declined_by_person",
    "messages",
    "people",
    "people_list",
    "person",
    "sequences",
    "step_preview",
    "steps",
    "story",
    "suppressions",
    "today",
]
