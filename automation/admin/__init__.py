"""The pastor's pages of sequences and messages."""

from __future__ import annotations

from . import bulk_mail, bulk_mail_pages, people_list, person, step_preview

__all__ = ["bulk_mail", "bulk_mail_pages", "people_list", "person", "step_preview"]
