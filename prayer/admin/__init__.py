"""The pages on which a church's team prays and cares for who asked."""

from __future__ import annotations

from . import person, request_page, requests, session, today

__all__ = ["person", "request_page", "requests", "session", "today"]
