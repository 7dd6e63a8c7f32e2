"""How values of a person look on a page: status, tags, phone numbers, birthdays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from members.addresses import PARTS as ADDRESS_PARTS
from members.phone import readable_phone
from tenants.context import current_church

STATUS_NAMES = {
    "active": _("Active"),
    "member": _("Member"),
    "regular": _("Regular"),
    "visitor": _("Visitor"),
    "inactive": _("Inactive"),
    "archived": _("Archived"),
    "deceased": _("Deceased"),
}
GOOD_STATUSES = {"active", "member", "regular"}
NEW_STATUSES = {"visitor"}
ROLE_NAMES = {
    "head": _("Head"),
    "spouse": _("Spouse"),
    "child": _("Child"),
    "grandparent": _("Grandparent"),
    "other": _("Other"),
}


def status_name(status: str) -> str:
    """The status in the language of the page; one that the church made up itself, as it is."""
    return str(STATUS_NAMES.get(status) or status.capitalize())


def status_mark(status: str) -> SafeString:
    kind = "good" if status in GOOD_STATUSES else "new" if status in NEW_STATUSES else "plain"
    return format_html('<span class="mark mark-{}">{}</span>', kind, status_name(status))


def tag_marks(tags: Iterable[str]) -> SafeString:
    marks = format_html_join(" ", '<span class="mark mark-tag">{}</span>', ((tag,) for tag in tags))
    return format_html('<span class="marks">{}</span>', marks) if marks else SafeString("")


def phone_link(phone: str) -> SafeString:
    """A stored number (E.164, RFC 3966) as a link that calls it, written as in the church's country."""
    if not phone:
        return SafeString("")
    return format_html(
        '<a class="contact-link" href="tel:{}">{}</a>', phone, readable_phone(phone, current_church().country)
    )


def email_link(email: str) -> SafeString:
    """An address as a link that writes to it."""
    if not email:
        return SafeString("")
    return format_html('<a class="contact-link" href="mailto:{}">{}</a>', quote(email, safe="@+"), email)


def address_lines(address: Mapping[str, Any]) -> list[str]:
    """The address as on an envelope, one entry a line."""
    part = {name: str(address.get(name, "")) for name in ADDRESS_PARTS}
    town = " ".join(text for text in (part["city"], part["state"], part["postal_code"]) if text)
    return [line for line in (part["line1"], part["line2"], town, part["country"]) if line]


def role_name(role: str) -> str:
    """The role in the language of the page; one that the church made up itself, as it is."""
    return str(ROLE_NAMES.get(role) or role)
