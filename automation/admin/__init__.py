"""The pages on which a church writes to its people."""

from __future__ import annotations

from . import person

__all__ = ["person"]
