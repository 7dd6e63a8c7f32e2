"""Previews and messages to many in the table of pages. Those that only take what is posted answer 405."""

from __future__ import annotations

from tests.security.page import Page

STEP = "admin/automation/emailtemplate/<uuid:step_id>/"
MAIL = "admin/automation/bulkmail/<uuid:mail_id>/"

PAGES = [
    Page(f"{STEP}preview/", "automation:read", kind="step"),
    Page(f"{STEP}test/", "automation:write", 405, "step"),
    Page(f"{MAIL}preview/", "automation:read", kind="message to many"),
    Page(f"{MAIL}test/", "automation:write", 405, "message to many"),
    Page(f"{MAIL}confirm/", "automation:write", kind="message to many"),
    Page(f"{MAIL}call-off/", "automation:write", 405, "message to many"),
]
