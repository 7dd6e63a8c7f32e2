"""The pages on which a church plans its visits."""

from __future__ import annotations

from . import calendar, hours, person, planning, reports, today, verbs, visits

__all__ = ["calendar", "hours", "person", "planning", "reports", "today", "verbs", "visits"]
