"""The doors through which messages to many change. One door, one transaction.

A draft is written and changed as often as one likes; a confirmed message is changed no more, only called
off. Who is meant is written down by ``running``.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from automation.models import AutomatedMessage, BulkMail, Channel, Topic
from automation.writing.checking import checked_message
from automation.writing.preparing import prepare_step
from members.custom_fields.visibility import visible_fields
from members.rules.rule import UnavailableRuleError, clean_rule
from tenants import due

from .recipients import Recipients, count_recipients

KIND = "automation.bulk_mail"
WRITTEN = ("message_type", "subject", "body_html", "body_text")
CHANGEABLE = {*WRITTEN, "topic", "rule", "audience"}
LONGEST_AUDIENCE = 255
Status = BulkMail.Status
UNFINISHED = (Status.QUEUED, Status.RUNNING)


@transaction.atomic
def write_draft(*, user: User, **values: Any) -> BulkMail:
    """A new message of ``user``, of which nothing is sent yet. Raises ValidationError."""
    mail = BulkMail(created_by=user)
    _take_over(mail, user, values)
    mail.save()
    return mail


@transaction.atomic
def change_draft(*, mail: BulkMail, user: User, **values: Any) -> BulkMail:
    """Changes what is given and leaves the rest. Raises ValidationError, also when it is confirmed."""
    locked = _locked(mail)
    if locked.status != Status.DRAFT:
        raise ValidationError(_("It is on its way and cannot be changed any more."))
    _take_over(locked, user, values)
    locked.save()
    return locked


@transaction.atomic
def remove_draft(*, mail: BulkMail) -> None:
    """Deletes a message of which nothing was sent. Raises ValidationError."""
    locked = _locked(mail)
    if locked.status != Status.DRAFT:
        raise ValidationError(_("It was sent; what was sent stays written down."))
    locked.delete()


@transaction.atomic
def confirm(*, mail: BulkMail, user: User, expected: int, seen: str) -> BulkMail:
    """Lets the message go to ``expected`` people. ``seen`` is ``state_of`` the message that was shown.

    Raises ValidationError when the number or the message is another by now, and when there is nobody. A
    message that is confirmed already is returned as it is: the same form may come twice. From here on it is
    ``user``'s: they see the fields that its rule asks for.
    """
    locked = _locked(mail)
    if locked.status != Status.DRAFT:
        return locked
    if state_of(locked) != seen:
        raise ValidationError(_("Somebody has changed the message since. Look at it again."))
    counted = recipients_for(locked, user)
    if not counted.reached:
        raise ValidationError(_("There is nobody whom it would reach."))
    if counted.reached != expected:
        raise ValidationError(
            ngettext(
                "It is %(count)d person now. Look again and confirm.",
                "It is %(count)d people now. Look again and confirm.",
                counted.reached,
            )
            % {"count": counted.reached}
        )
    now = timezone.now()
    locked.prepared = prepare_step(**{name: getattr(locked, name) for name in WRITTEN})
    locked.created_by = user
    locked.status = Status.QUEUED
    locked.recipients_total = counted.reached
    locked.confirmed_at = now
    locked.save()
    due.plan(KIND, now)
    return locked


@transaction.atomic
def call_off(*, mail: BulkMail) -> BulkMail:
    """Stops a message on its way: what was not sent yet is not sent. Raises ValidationError for one that is
    not under way. One that is being sent in this moment arrives.
    """
    locked = _locked(mail)
    if locked.status not in UNFINISHED:
        raise ValidationError(_("It is not under way."))
    end_early(locked)
    return locked


def end_early(locked: BulkMail) -> None:
    """Calls off what is left of a message whose row is locked."""
    message = AutomatedMessage
    locked.messages.filter(status=message.Status.PENDING).update(
        status=message.Status.SKIPPED, skip_reason=message.SkipReason.CANCELLED, updated_at=timezone.now()
    )
    locked.status = Status.CANCELLED
    locked.finished_at = timezone.now()
    locked.save()


def recipients_for(mail: BulkMail, user: User) -> Recipients:
    """Whom it reaches. Raises ValidationError where its rule asks for what ``user`` does not see."""
    try:
        return count_recipients(mail, user)
    except UnavailableRuleError as hidden:
        raise ValidationError(_("You do not see all that says who is meant. Choose again.")) from hidden


def state_of(mail: BulkMail) -> str:
    """What tells two states of a message apart."""
    return mail.updated_at.isoformat()


def _locked(mail: BulkMail) -> BulkMail:
    return BulkMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)


def _take_over(mail: BulkMail, user: User, values: dict[str, Any]) -> None:
    errors: dict[str, Any] = {name: _("There is no such field.") for name in values.keys() - CHANGEABLE}
    written = {name: str(values.get(name, getattr(mail, name)) or "") for name in WRITTEN}
    try:
        values = {**values, **checked_message(**written), "message_type": written["message_type"]}
    except ValidationError as refusal:
        errors |= refusal.message_dict
    if values.get("topic", mail.topic) not in Topic.values:
        errors["topic"] = _("Possible: %(offered)s.") % {"offered": ", ".join(Topic.values)}
    if values.get("rule") is not None:
        try:
            values["rule"] = _clean_rule(values["rule"], user)
        except ValidationError as refusal:
            errors |= refusal.message_dict
    if errors:
        raise ValidationError(errors)
    for name, value in values.items():
        setattr(mail, name, value)
    mail.audience = mail.audience[:LONGEST_AUDIENCE]


def _clean_rule(rule: Any, user: User) -> dict[str, Any]:
    kept = clean_rule(rule, own_fields=visible_fields(user))
    if not kept["conditions"]:
        raise ValidationError({"rule": _("Say who is meant.")})
    return kept


def channel_name(mail: BulkMail) -> str:
    """How it is sent, in words."""
    return str(Channel(mail.message_type).label)
