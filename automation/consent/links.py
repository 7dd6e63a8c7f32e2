"""The links by which people decline, in each message: signed, and good for ever.

A link that one clicks a year later must still work (RFC 8058), so nothing in it ends. It names church and
message; whom it is about and what the message was about stand there. It works only at the church where it
was made. Whoever a mail was passed on to can follow its links, too: they let one choose what the recipient
hears, and tell nothing but what that is, and a masked address.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from django.core import signing
from django.urls import reverse

from automation.models import AutomatedMessage
from members.querysets import ERASED
from tenants.context import current_church

SALT = "automation.consent.links"


class InvalidLinkError(Exception):
    """The link is forged, of another church, or of a message or a person who is gone."""


def token_of(message: AutomatedMessage) -> str:
    """The secret part of the links of a message."""
    content = current_church().pk.bytes + message.pk.bytes
    text = base64.urlsafe_b64encode(content).decode().rstrip("=")
    return signing.Signer(salt=SALT).sign(text)


def unsubscribe_url(message: AutomatedMessage) -> str:
    """The whole address at which the message's topic is declined. No query."""
    return current_church().url + reverse("message_unsubscribe", args=[token_of(message)])


def preferences_url(message: AutomatedMessage) -> str:
    """The whole address at which everything can be chosen. No query."""
    return current_church().url + reverse("message_preferences", args=[token_of(message)])


def both_urls(message: AutomatedMessage) -> tuple[str, str]:
    """``unsubscribe_url`` and ``preferences_url``, signed once: it runs for each message that is sent."""
    token, site = token_of(message), current_church().url
    declining, choosing = (
        reverse("message_unsubscribe", args=[token]),
        reverse("message_preferences", args=[token]),
    )
    return site + declining, site + choosing


def one_click_headers(url: str) -> dict[str, str]:
    """Headers by which a mail program offers to decline with one click (RFC 2369, RFC 8058).

    Both must be among those that DKIM signs, which the providers see to.
    """
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def message_of(token: str) -> AutomatedMessage:
    """The message of a link, with its recipient and what it belongs to. Raises InvalidLinkError."""
    try:
        text = signing.Signer(salt=SALT).unsign(token)
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        church, message = UUID(bytes=content[:16]), UUID(bytes=content[16:])
    except (signing.BadSignature, binascii.Error, ValueError) as error:
        raise InvalidLinkError from error
    if church != current_church().pk:
        raise InvalidLinkError
    found = AutomatedMessage.objects.select_related("recipient", "enrolment__sequence", "bulk_mail")
    known = found.filter(pk=message).first()
    if known is None or known.recipient.membership_status == ERASED:
        raise InvalidLinkError
    return known
