"""What a person's page says of messages: what they decline, and what they answered."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from automation.consent.preferences import Declined, addresses_of_person, declined_by
from automation.models import Channel, ProviderEvent, Topic
from core.admin import may
from members.admin.person_page import person_page
from members.models import Member

REPLIES_SHOWN = 3
REPLY_SHOWN = 300


@person_page.line(position=10)
def declines(request: HttpRequest, person: Member) -> str:
    """``Declines: Prayer (email), everything (text message)``; whoever sees the person may know."""
    addresses = addresses_of_person(person)
    if not addresses:
        return ""
    parts = [
        _("%(topic)s (%(channel)s)") % {"topic": topic, "channel": Channel(channel).label.lower()}
        for channel, declined in declined_by(addresses).items()
        for topic in _topics(declined)
    ]
    return _("Declines: %(what)s") % {"what": ", ".join(parts)} if parts else ""


def _topics(declined: Declined) -> list[str]:
    if declined.everything:
        return [_("everything")]
    return [str(topic.label) for topic in Topic if topic in declined.topics]


@person_page.line(position=20)
def answers(request: HttpRequest, person: Member) -> str:
    """The last answers to text messages, for those who write such messages."""
    if not may(request, "automation:write"):
        return ""
    replies = ProviderEvent.objects.filter(message__recipient=person, kind=ProviderEvent.Kind.REPLIED)
    told = [
        _("“%(text)s” (%(when)s)")
        % {
            "text": Truncator(reply.detail).chars(REPLY_SHOWN),
            "when": date_format(localtime(reply.occurred_at), "SHORT_DATETIME_FORMAT"),
        }
        for reply in replies[:REPLIES_SHOWN]
    ]
    return _("Answered by text message: %(answers)s") % {"answers": "; ".join(told)} if told else ""
