"""A prepared message with one person's values in it. No query, no network: it runs once for each mail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.formats import date_format, time_format

from automation.models import Channel
from members.models import Member
from tenants.models import Church

from .merge_fields import fill

NOTHING: Mapping[str, Any] = MappingProxyType({})
# Where there is no address to put in, as in a preview: it leads nowhere.
NOWHERE = "#"
# Signs that end a line, steer a terminal or turn the direction of what follows.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Rendered:
    """A message as it goes out; of a text message ``text`` alone."""

    subject: str
    html: str
    text: str


def render(
    prepared: Mapping[str, str],
    *,
    member: Member,
    church: Church,
    merge_values: Mapping[str, Any] = NOTHING,
    unsubscribe_url: str = "",
    preferences_url: str = "",
    message_type: str = "email",
) -> Rendered:
    """``prepared`` (``automation.writing.preparing``) for ``member``.

    ``merge_values`` is ``{"event": {"title", "start"}}``, with ``start`` in ISO 8601, or empty.
    """
    values = values_of(member, church, merge_values)
    values["unsubscribe_url"] = unsubscribe_url or NOWHERE
    values["preferences_url"] = preferences_url or NOWHERE
    text = fill(prepared["body_text"], values, html=False)
    if message_type == Channel.SMS:
        return Rendered("", "", text)
    return Rendered(
        subject=one_line(fill(prepared["subject"], values, html=False)),
        html=fill(prepared["body_html"], values, html=True),
        text=text,
    )


def values_of(member: Member, church: Church, merge_values: Mapping[str, Any] = NOTHING) -> dict[str, str]:
    """The value of each merge field but for the links, each one line of text."""
    first, last = one_line(member.first_name), one_line(member.last_name)
    values = {
        "member.first_name": first,
        "member.called": one_line(member.nickname) or first,
        "member.last_name": last,
        "member.full_name": f"{first} {last}".strip(),
        "church.name": one_line(church.name),
        "church.url": church.url,
    }
    if event := merge_values.get("event"):
        values.update(_event_values(event, church))
    return values


def _event_values(event: Mapping[str, Any], church: Church) -> dict[str, str]:
    values = {"event.title": one_line(str(event.get("title", "")))}
    try:
        start = datetime.fromisoformat(str(event.get("start", "")))
    except ValueError:
        return values
    if start.tzinfo is not None:
        start = start.astimezone(ZoneInfo(church.timezone))
    with translation.override(church.language):
        values["event.date"] = date_format(start, "DATE_FORMAT")
        values["event.time"] = time_format(start, "TIME_FORMAT")
    return values


def one_line(text: str) -> str:
    """``text`` without line ends and control characters: safe in a subject (RFC 5322, 2.2)."""
    return " ".join(CONTROL.sub(" ", text).split())
