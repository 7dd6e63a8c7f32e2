"""What somebody wrote, checked before it is kept. Every door that keeps a message calls this."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from automation.models import Channel

from . import merge_fields
from .cleaning import cleaned, is_too_deep
from .plain_text import text_of

LONGEST_SUBJECT = 255
LONGEST_TEXT = 50_000
LONGEST_HTML = 200_000
# Ten parts of a text message.
LONGEST_SMS = 1_530


def checked_message(
    *, message_type: str, subject: str = "", body_html: str = "", body_text: str = "", trigger: str = ""
) -> dict[str, str]:
    """``{"subject", "body_html", "body_text"}`` as it may be kept: one line of subject, clean HTML.

    ``trigger`` is that of the sequence, which says what merge fields there are. Raises ValidationError by
    field. A text message has neither subject nor HTML.
    """
    if message_type not in Channel.values:
        offered = ", ".join(Channel.values)
        raise ValidationError({"message_type": _("Possible: %(offered)s.") % {"offered": offered}})
    errors: dict[str, Any] = {}
    stated = {"subject": subject, "body_html": body_html, "body_text": body_text}
    for name, text in stated.items():
        if "\x00" in text:
            errors[name] = [_("The text contains a NUL character.")]
    if errors:
        raise ValidationError(errors)
    if message_type == Channel.SMS:
        kept, errors = _sms(body_text)
    else:
        kept, errors = _email(" ".join(subject.split()), body_html, body_text.strip())
    for name, text in kept.items():
        if name not in errors:
            try:
                merge_fields.check(text, trigger=trigger)
            except ValidationError as refusal:
                errors[name] = refusal.messages
    if errors:
        raise ValidationError(errors)
    return kept


def _sms(text: str) -> tuple[dict[str, str], dict[str, Any]]:
    text = text.strip()
    errors = {}
    if not text:
        errors["body_text"] = [_("Write something.")]
    elif len(text) > LONGEST_SMS:
        errors["body_text"] = [_too_long(LONGEST_SMS)]
    return {"subject": "", "body_html": "", "body_text": text}, errors


def _email(subject: str, html: str, text: str) -> tuple[dict[str, str], dict[str, Any]]:
    errors: dict[str, Any] = {}
    if not subject:
        errors["subject"] = [_("Write a subject.")]
    elif len(subject) > LONGEST_SUBJECT:
        errors["subject"] = [_too_long(LONGEST_SUBJECT)]
    if len(text) > LONGEST_TEXT:
        errors["body_text"] = [_too_long(LONGEST_TEXT)]
    clean = ""
    if len(html) > LONGEST_HTML:
        errors["body_html"] = [_too_long(LONGEST_HTML)]
    elif is_too_deep(html):
        errors["body_html"] = [_("Too many elements lie in one another.")]
    else:
        clean, lost = cleaned(html)
        if lost:
            errors["body_html"] = [_misplaced(f"{{{{ {name[:40]} }}}}") for name in dict.fromkeys(lost)]
        elif not text and not text_of(clean):
            errors["body_html" if html.strip() else "body_text"] = [_("Write something.")]
    return {"subject": subject, "body_html": clean, "body_text": text}, errors


def _too_long(most: int) -> str:
    return _("At most %(most)d characters.") % {"most": most}


def _misplaced(field: str) -> str:
    return _(
        "%(field)s stands where no merge field may: a link begins with a whole address, such as"
        " https://example.org/?name=%(field)s, and styles have none."
    ) % {"field": field}
