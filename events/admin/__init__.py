"""The pages on which a church plans its events."""

from __future__ import annotations

from . import events, today

__all__ = ["events", "today"]
