"""The pages on which a church keeps its people."""

from __future__ import annotations

from . import imports, people, today

__all__ = ["imports", "people", "today"]
