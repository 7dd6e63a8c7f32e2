"""A message made ready: layout, styles at the elements, a text part. Only its merge fields are open.

Done once for each edition of a step and once for a message to many, so that sending is filling in.
"""

from __future__ import annotations

import html as markup
import re
from typing import Any
from urllib.parse import quote

import css_inline
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from automation.models import Channel
from tenants.context import current_church

from .cleaning import clean_html
from .merge_fields import ADDRESSES, FIELD
from .plain_text import text_of
from .simple_text import html_of

# It reads no other file and asks no other host, whatever the HTML names.
INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
CHURCH_NAME = "{{ church.name }}"
UNSUBSCRIBE, PREFERENCES = "{{ unsubscribe_url }}", "{{ preferences_url }}"
IN_ADDRESS = re.compile(r'(?<=\s)(href|src)="([^"]*\{\{[^"]*)"')


def prepare_step(*, subject: str, body_html: str, body_text: str, message_type: str) -> dict[str, str]:
    """``{"subject", "body_html", "body_text"}``, ready but for the merge fields, in the church's language.

    The values are as ``automation.writing.checking`` keeps them. The text of a mail without HTML is simple
    text (``simple_text``), of which both parts are made; one without a text gets that of its HTML. The
    footer's links are merge fields too.
    """
    return _prepared(subject, body_html, body_text, message_type, note="")


def prepare_trial(*, subject: str, body_html: str, body_text: str, message_type: str) -> dict[str, str]:
    """The same for one that is only tried: a note stands where the links of the footer would be."""
    with translation.override(current_church().language):
        note = _("This is a test: the links to decline such messages stand here in the real one.")
    return _prepared(subject, body_html, body_text, message_type, note=note)


def _prepared(
    subject: str, body_html: str, body_text: str, message_type: str, *, note: str
) -> dict[str, str]:
    if message_type == Channel.SMS:
        return {"subject": "", "body_html": "", "body_text": body_text}
    is_html = bool(body_html.strip())
    clean = clean_html(body_html) if is_html else html_of(body_text)
    # Of simple text, too: read off its HTML, links stand in it as readers of mail know them.
    own_text = body_text.strip() if is_html else ""
    with translation.override(current_church().language):
        page = _page(subject, _marked(clean), note)
        text = f"{own_text or text_of(clean)}\n\n{_text_footer(note)}\n"
    return {"subject": subject, "body_html": INLINER.inline(page), "body_text": text}


def _page(subject: str, body: str, note: str) -> str:
    context: dict[str, Any] = {
        "subject": _title(subject),
        "body": mark_safe(body),  # noqa: S308 - clean_html has gone over it
        "church_name": CHURCH_NAME,
        "reason": _reason(),
        "note": note,
        "unsubscribe_url": UNSUBSCRIBE,
        "preferences_url": PREFERENCES,
    }
    return render_to_string("automation/mail/layout.html", context)


def _title(subject: str) -> SafeString:
    return mark_safe(markup.escape(subject))  # noqa: S308 - escaped here


def _reason() -> str:
    return _("You get this message because %(church)s knows your address.") % {"church": CHURCH_NAME}


def _text_footer(note: str) -> str:
    links = note or "\n".join(
        [
            _("Choose what you get: %(address)s") % {"address": PREFERENCES},
            _("Unsubscribe: %(address)s") % {"address": UNSUBSCRIBE},
        ]
    )
    # The sign by which programs know a footer (RFC 3676, 4.3).
    return f"-- \n{_reason()}\n{links}"


def _marked(clean: str) -> str:
    """Merge fields in addresses marked as such; one with which an address begins is a whole address."""

    def address(found: re.Match[str]) -> str:
        def field(inner: re.Match[str]) -> str:
            _mark, name, fallback = inner.groups()
            if inner.start() == 0 and name in ADDRESSES:
                return f"{{{{{name}}}}}"
            behind = "" if fallback is None else f"|{quote(markup.unescape(fallback).strip(), safe='')}"
            return f"{{{{%{name}{behind}}}}}"

        return f'{found[1]}="{FIELD.sub(field, found[2])}"'

    return IN_ADDRESS.sub(address, clean)
