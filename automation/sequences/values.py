"""The form in which the values of sequences and of their steps are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from automation.models import Channel, EmailTemplate, Sequence, Topic, Trigger
from automation.writing.checking import checked_message
from members.confidential.domain import normalized_text as normalized_paragraphs
from members.domain import normalized_tags
from members.values import normalized_text, one_line, refuse_nul

LONGEST_WAIT_DAYS = 3_650
LONGEST_WAIT_HOURS = 8_760
MOST_POSITION = 1_000
# The parts of a step in which merge fields may stand.
WRITTEN = ("subject", "body_html", "body_text")

Check = Callable[[Any, Any], Any]


def checked_values(
    values: Mapping[str, Any], checks: Mapping[str, Check], model: type[models.Model]
) -> dict[str, Any]:
    """``values`` as they are stored. Raises ValidationError by field; looks only at what is given."""
    errors: dict[str, Any] = {}
    clean: dict[str, Any] = {}
    for name, value in values.items():
        if name not in checks:
            errors[name] = _("There is no such field.")
            continue
        try:
            clean[name] = checks[name](model._meta.get_field(name), value)
        except ValidationError as error:
            errors[name] = error.messages
    if errors:
        raise ValidationError(errors)
    return clean


def _line(field: Any, value: Any) -> str:
    return normalized_text(field, value)


def _paragraphs(field: Any, value: Any) -> str:
    return normalized_paragraphs(value)


def _as_written(field: Any, value: Any) -> str:
    text = "" if value is None else str(value)
    refuse_nul(text)
    return text


def _one_of(choices: type[models.TextChoices]) -> Check:
    def check(field: Any, value: Any) -> str:
        text = str(value or "")
        if text not in choices.values:
            raise ValidationError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(choices.values)})
        return text

    return check


def _yes_or_no(field: Any, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValidationError(_("This must be true or false."))
    return value


def _tag(field: Any, value: Any) -> str:
    return normalized_tags([value])[0] if one_line(value) else ""


def _whole(most: int) -> Check:
    def check(field: Any, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise ValidationError(_("A whole number from 0 to %(most)d.") % {"most": most})
        return value

    return check


def _clock(field: Any, value: Any) -> time | None:
    if value in (None, ""):
        return None
    if not isinstance(value, time) or value.tzinfo is not None:
        raise ValidationError(_("Write a time as HH:MM."))
    return value.replace(second=0, microsecond=0)


SEQUENCE_CHECKS: dict[str, Check] = {
    "name": _line,
    "description": _paragraphs,
    "trigger_event": _one_of(Trigger),
    "trigger_tag": _tag,
    "topic": _one_of(Topic),
    "is_active": _yes_or_no,
    "may_repeat": _yes_or_no,
    "exit_when_replied": _yes_or_no,
    "exit_when_visited": _yes_or_no,
    "exit_when_tag_removed": _yes_or_no,
}
STEP_CHECKS: dict[str, Check] = {
    "message_type": _one_of(Channel),
    "subject": _line,
    "body_html": _as_written,
    "body_text": _paragraphs,
    "delay_days": _whole(LONGEST_WAIT_DAYS),
    "delay_hours": _whole(LONGEST_WAIT_HOURS),
    "send_at": _clock,
    "order_index": _whole(MOST_POSITION),
    "is_active": _yes_or_no,
}


def checked_sequence(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` of a sequence as they are stored. Raises ValidationError by field."""
    return checked_values(values, SEQUENCE_CHECKS, Sequence)


def checked_step(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` of a step as they are stored. Raises ValidationError by field."""
    return checked_values(values, STEP_CHECKS, EmailTemplate)


def demand_whole_sequence(sequence: Sequence) -> None:
    """Raises ValidationError unless the sequence says everything that its trigger needs."""
    errors = {}
    if not sequence.name:
        errors["name"] = _("This is required.")
    if not sequence.trigger_event:
        errors["trigger_event"] = _("This is required.")
    if sequence.trigger_event == Trigger.TAG_ADDED and not sequence.trigger_tag:
        errors["trigger_tag"] = _("Say which tag.")
    if errors:
        raise ValidationError(errors)


def keep_checked(step: EmailTemplate, *, trigger: str) -> None:
    """Puts what is written in the step into the form in which it is kept. Raises ValidationError by field
    unless it can be sent, and its merge fields are known where ``trigger`` starts the sequence.
    """
    written = {name: getattr(step, name) for name in WRITTEN}
    kept = checked_message(message_type=step.message_type, trigger=trigger, **written)
    for name, text in kept.items():
        setattr(step, name, text)
