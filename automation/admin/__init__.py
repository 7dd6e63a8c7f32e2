"""The pages on which a church writes to its people, and sees who wants to be left alone."""

from __future__ import annotations

from . import (
    bulk_mail,
    bulk_mail_pages,
    declined_by_person,
    people_list,
    person,
    step_preview,
    suppressions,
)

__all__ = [
    "bulk_mail",
    "bulk_mail_pages",
    "declined_by_person",
    "people_list",
    "person",
    "step_preview",
    "suppressions",
]
