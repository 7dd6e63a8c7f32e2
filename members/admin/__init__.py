"""The pages on which a church keeps its people."""

from __future__ import annotations

from . import (
    care,
    confidential,
    custom_fields,
    duplicates,
    history,
    household_tab,
    households,
    imports,
    merging,
    notes,
    people,
    personal_data,
    photos,
    saved_lists,
    today,
)

__all__ = [
    "care",
    "confidential",
    "custom_fields",
    "duplicates",
    "history",
    "household_tab",
    "households",
    "imports",
    "merging",
    "notes",
    "people",
    "personal_data",
    "photos",
    "saved_lists",
    "today",
]
