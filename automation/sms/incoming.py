"""What people answer to text messages: words that every provider and phone company knows, or anything else.

Churches may share one number, so a STOP stops every church that texted the person from it, and any other
answer is for the one that did last (``tenants.texting``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from automation.consent.domain import lift, suppress
from automation.consent.reading import digest_of_address
from automation.models import AutomatedMessage, Channel, ProviderEvent, Suppression
from automation.provider_events.replies import record_reply
from automation.sender import reply_to_of
from core import context
from tenants.context import enter_church
from tenants.models import Church
from tenants.texting import Texted, who_texted


class Wish(Enum):
    """What somebody wants who answers."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"
    REPLY = "REPLY"


# The words of the phone companies of North America, and the Spanish ones.
WORDS = {
    **dict.fromkeys("stop stopall unsubscribe cancel end quit revoke optout alto parar".split(), Wish.STOP),
    **dict.fromkeys("start unstop yes".split(), Wish.START),
    **dict.fromkeys("help info ayuda".split(), Wish.HELP),
}
# Means START to who has stopped, and is an answer of anybody else.
AMBIGUOUS = {"yes"}


@dataclass(frozen=True)
class Incoming:
    """A text message to ``sender``, which is ours. ``sid`` is the provider's id of it; ``is_answered``
    where the provider has answered it already, as what it calls ``told``.
    """

    sid: str
    sender: str
    number: str
    text: str
    told: str = ""

    @property
    def is_answered(self) -> bool:
        return bool(self.told)


def take_in(incoming: Incoming) -> str:
    """Does what the text message asks for, once; returns what to answer, or an empty text."""
    texted = who_texted(sender=incoming.sender, number_digest=digest_of_address(incoming.number))
    wish = wish_of(incoming, texted)
    match wish:
        case Wish.STOP | Wish.START:
            for one in texted:
                _obey(one, incoming, wish)
        case Wish.HELP:
            pass
        case Wish.REPLY:
            if active := _last_active(texted):
                with _inside(active.church):
                    record_reply(
                        event_id=event_id(incoming.sid), message_id=active.message_id, text=incoming.text
                    )
    return "" if incoming.is_answered else _answer(wish, texted)


def wish_of(incoming: Incoming, texted: list[Texted]) -> Wish:
    """What it asks for: what the provider says, else by its one word."""
    if incoming.told in {Wish.STOP.value, Wish.START.value, Wish.HELP.value}:
        return Wish(incoming.told)
    word = incoming.text.strip().strip(".,!¡?'\"").replace("-", "").casefold()
    wish = WORDS.get(word, Wish.REPLY)
    if word in AMBIGUOUS and not any(_has_stopped(one.church, incoming.number) for one in texted):
        return Wish.REPLY
    return wish


def event_id(sid: str) -> str:
    return f"twilio:{sid}"


def _has_stopped(church: Church, number: str) -> bool:
    with _inside(church):
        stopped = Suppression.objects.filter(
            channel=Channel.SMS, address_digest=digest_of_address(number), topic=""
        )
        return stopped.exists()


def _obey(texted: Texted, incoming: Incoming, wish: Wish) -> None:
    """STOP or START at one church, even at one that is suspended: the wish outlasts that."""
    kind = ProviderEvent.Kind.UNSUBSCRIBED if wish is Wish.STOP else ProviderEvent.Kind.SUBSCRIBED
    with _inside(texted.church), transaction.atomic():
        if not _is_new(incoming.sid, texted.message_id, kind):
            return
        if wish is Wish.STOP:
            suppress(channel=Channel.SMS, address=incoming.number, reason=Suppression.Reason.STOP)
        else:
            # What was declined by topic stays so: it was said of that alone.
            lift(channel=Channel.SMS, address=incoming.number, topic="")


def _is_new(sid: str, message_id: UUID, kind: str) -> bool:
    """Writes the message down; False where it was known, so that an old START cannot be sent again."""
    message = AutomatedMessage.objects.filter(pk=message_id).first()
    _event, is_new = ProviderEvent.objects.get_or_create(
        event_id=event_id(sid), defaults={"message": message, "kind": kind, "occurred_at": timezone.now()}
    )
    return is_new


def _answer(wish: Wish, texted: list[Texted]) -> str:
    active = _last_active(texted)
    if active is None or wish in {Wish.REPLY, Wish.START}:
        # To START the provider says by itself that messages come again.
        return ""
    names = ", ".join(one.church.name for one in texted)
    with translation.override(active.church.language):
        if wish is Wish.STOP:
            return _("You get no more text messages from %(names)s. Send START to get them again.") % {
                "names": names
            }
        contact = reply_to_of(active.church) or active.church.url
        return _("%(church)s: %(contact)s. Send STOP to get no more text messages.") % {
            "church": active.church.name,
            "contact": contact,
        }


def _last_active(texted: list[Texted]) -> Texted | None:
    return next((one for one in texted if not one.church.is_suspended), None)


@contextmanager
def _inside(church: Church) -> Iterator[None]:
    with enter_church(church, even_suspended=True), context.working_for(None, come_from="sms"):
        yield
