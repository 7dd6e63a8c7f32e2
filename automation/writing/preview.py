"""What a message will look like, with the values of somebody whom the church knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import gettext as _

from automation.models import BulkMail, Channel, EmailTemplate, Trigger
from automation.sms import segments
from members.models import Member
from members.querysets import MemberQuerySet
from tenants.context import current_church

from .preparing import prepare_step, prepare_trial
from .rendering import Rendered, render

FOUND_SHOWN = 20


class Written(Protocol):
    """What a step and a message to many have in common."""

    message_type: str
    subject: str
    body_html: str
    body_text: str


@dataclass(frozen=True)
class Preview:
    """A message as ``member`` would get it. ``segments`` is that of a text message, else None."""

    member: Member
    rendered: Rendered
    message_type: str
    segments: Any


def preview_of(written: Written, member: Member, *, is_trial: bool = False) -> Preview:
    """``written`` filled in for ``member``. Its links to decline lead nowhere; a trial has a note instead.

    What an event would give is made up.
    """
    church = current_church()
    prepare = prepare_trial if is_trial else prepare_step
    prepared = prepare(
        subject=written.subject,
        body_html=written.body_html,
        body_text=written.body_text,
        message_type=written.message_type,
    )
    rendered = render(
        prepared,
        member=member,
        church=church,
        merge_values=example_values(trigger_of(written)),
        message_type=written.message_type,
    )
    counted = segments.count(rendered.text) if written.message_type == Channel.SMS else None
    return Preview(member, rendered, written.message_type, counted)


def trigger_of(written: Written | EmailTemplate | BulkMail) -> str:
    """The trigger of the sequence that a step is of; empty for a message to many."""
    sequence = getattr(written, "sequence", None)
    return str(sequence.trigger_event) if sequence is not None else ""


def example_values(trigger: str) -> Mapping[str, Any]:
    """What a real one gets from its event, made up."""
    if trigger != Trigger.EVENT_REGISTERED:
        return {}
    return {"event": {"title": _("Name of the event"), "start": timezone.now().isoformat()}}


def people_for_preview() -> MemberQuerySet:
    """Whom a preview can be made for."""
    people: MemberQuerySet = Member.objects.living()
    return people


def person_for(user: Any) -> Member:
    """The user's own entry among the people, by their address, or the first; somebody made up where the
    church has nobody. At most two queries.
    """
    people = people_for_preview()
    found = people.filter(email__iexact=user.email).first() if user.email else None
    return found or people.first() or Member(first_name=_("Jane"), last_name=_("Example"))
