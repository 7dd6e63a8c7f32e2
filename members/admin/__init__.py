"""The pages on which a church keeps its people."""

from __future__ import annotations

from . import confidential, duplicates, imports, merging, notes, people, today

__all__ = ["confidential", "imports", "notes", "people", "today"]
from . import household_tab, households

__all__ = ["household_tab", "households", "imports", "people", "today"]
__all__ = ["confidential", "duplicates", "imports", "merging", "notes", "people", "today"]
from . import custom_fields, saved_lists

__all__ = ["custom_fields", "imports", "people", "saved_lists", "today"]
from . import history, personal_data

__all__ = ["history", "imports", "people", "personal_data", "today"]
