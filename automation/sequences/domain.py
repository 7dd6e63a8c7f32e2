"""The doors through which sequences and their steps change. One door, one transaction.

Whoever is in a sequence goes through its steps as they were at their enrolment: an edit raises the
``edition``, and the first enrolment after it freezes the steps anew (``current_version``).

Doors that change steps lock the sequence's row and let enrolments pass (NO KEY); those that pause, resume
or remove it lock it whole, so that an enrolment that is being made is either seen here or sees this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from automation.enrolling.domain import leave
from automation.enrolling.planning import hold_messages, shift_messages
from automation.models import EmailTemplate, ExitReason, Sequence, SequenceVersion, Trigger
from automation.writing.preparing import prepare_step

from .values import STEP_CHECKS, checked_sequence, checked_step, demand_whole_sequence, keep_checked

MOST_STEPS = 100
# At most so many leave in one statement when a sequence is removed.
LEAVE_AT_ONCE = 1_000


def steps_of(sequence: Sequence) -> list[EmailTemplate]:
    """The steps that were not removed, in order, also those that are not sent."""
    return list(EmailTemplate.objects.filter(sequence=sequence, archived_at=None))


@transaction.atomic
def create_sequence(**values: Any) -> Sequence:
    """A new sequence without steps; ``is_active=False`` makes it paused. Raises ValidationError."""
    sequence = Sequence(**checked_sequence(values))
    demand_whole_sequence(sequence)
    _drop_stray_tag(sequence)
    if not sequence.is_active:
        sequence.paused_at = timezone.now()
    sequence.save(force_insert=True)
    return sequence


@transaction.atomic
def change_sequence(*, sequence: Sequence, **values: Any) -> Sequence:
    """Changes what is given and leaves the rest; ``is_active`` pauses and resumes. Another trigger is
    refused while a step uses merge fields that it lacks. Raises ValidationError by field.
    """
    clean = checked_sequence(values)
    is_active = clean.pop("is_active", None)
    locked = _locked(sequence)
    before = {name: known for name, value in clean.items() if (known := getattr(locked, name)) != value}
    for name in before:
        setattr(locked, name, clean[name])
    demand_whole_sequence(locked)
    _drop_stray_tag(locked)
    if "trigger_event" in before:
        _demand_fields(locked)
    if before:
        locked.save()
    if is_active is None or is_active == locked.is_active:
        return locked
    return resume(sequence=locked) if is_active else pause(sequence=locked)


@transaction.atomic
def remove_sequence(*, sequence: Sequence) -> None:
    """Takes a sequence away: everybody leaves it, and nobody is enrolled again. What was sent stays.

    Raises ValidationError when it was removed already.
    """
    locked = _locked(sequence, whole=True)
    while some := list(locked.enrolments.under_way().order_by("pk")[:LEAVE_AT_ONCE]):
        leave(enrolments=some, reason=ExitReason.SEQUENCE_REMOVED)
    locked.archived_at = timezone.now()
    locked.is_active = False
    locked.save()


@transaction.atomic
def pause(*, sequence: Sequence) -> Sequence:
    """Stops a sequence: nobody is enrolled by itself, and who is in it waits. Raises ValidationError."""
    locked = _locked(sequence, whole=True)
    if locked.is_active:
        locked.is_active = False
        locked.paused_at = timezone.now()
        locked.save()
        hold_messages(locked)
    return locked


@transaction.atomic
def resume(*, sequence: Sequence) -> Sequence:
    """Goes on after a pause: what was to come is later by its length. Raises ValidationError."""
    locked = _locked(sequence, whole=True)
    if not locked.is_active:
        paused_at, locked.paused_at = locked.paused_at, None
        locked.is_active = True
        locked.save()
        now = timezone.now()
        shift_messages(locked, by=now - (paused_at or now))
    return locked


@transaction.atomic
def add_step(*, sequence: Sequence, **values: Any) -> EmailTemplate:
    """A new step, at ``order_index`` or behind the others. Raises ValidationError by field."""
    clean = checked_step(values)
    position = clean.pop("order_index", None)
    locked = _locked(sequence)
    others = steps_of(locked)
    if len(others) >= MOST_STEPS:
        raise ValidationError(_("A sequence has at most %(most)d steps.") % {"most": MOST_STEPS})
    step = EmailTemplate(sequence=locked, order_index=len(others), **clean)
    keep_checked(step, trigger=locked.trigger_event)
    step.save(force_insert=True)
    if position is not None:
        _place(step, others, position)
    _raise_edition(locked)
    return step


@transaction.atomic
def change_step(*, template: EmailTemplate, **values: Any) -> EmailTemplate:
    """Changes what is given of a step; those under way keep it as it was. Raises ValidationError by field."""
    clean = checked_step(values)
    position = clean.pop("order_index", None)
    sequence, step = _locked_step(template)
    before = {name: getattr(step, name) for name in STEP_CHECKS}
    for name, value in clean.items():
        setattr(step, name, value)
    keep_checked(step, trigger=sequence.trigger_event)
    changed = any(getattr(step, name) != known for name, known in before.items())
    if changed:
        step.save()
    moved = position is not None and _place(step, _others(sequence, step), position)
    if changed or moved:
        _raise_edition(sequence)
    return step


@transaction.atomic
def move_step(*, template: EmailTemplate, position: int) -> EmailTemplate:
    """Puts a step at ``position`` among the others (from 0; behind the last is the last)."""
    return change_step(template=template, order_index=position)


@transaction.atomic
def remove_step(*, template: EmailTemplate) -> None:
    """Takes a step out of its sequence; those under way still get it. Raises ValidationError."""
    sequence, step = _locked_step(template)
    step.archived_at = timezone.now()
    step.save()
    _renumber(_others(sequence, step))
    _raise_edition(sequence)


@transaction.atomic
def current_version(sequence: Sequence) -> SequenceVersion:
    """The steps as they are now, frozen; made when nobody was enrolled in them before.

    One without steps has a version without steps.
    """
    edition = Sequence.objects.values_list("edition", flat=True).get(pk=sequence.pk)
    found = SequenceVersion.objects.filter(sequence=sequence, number=edition).first()
    if found is not None:
        return found
    # Nobody edits while they are read, and one of two who come at once makes it.
    locked = Sequence.objects.select_for_update(no_key=True).get(pk=sequence.pk)
    version, _made = SequenceVersion.objects.get_or_create(
        sequence=locked,
        number=locked.edition,
        defaults={"steps": [_frozen(step) for step in steps_of(locked) if step.is_active]},
    )
    return version


def _frozen(step: EmailTemplate) -> dict[str, Any]:
    prepared = prepare_step(
        subject=step.subject,
        body_html=step.body_html,
        body_text=step.body_text,
        message_type=step.message_type,
    )
    return {
        "template_id": str(step.pk),
        "message_type": step.message_type,
        **prepared,
        "delay_days": step.delay_days,
        "delay_hours": step.delay_hours,
        "send_at": step.send_at.strftime("%H:%M") if step.send_at is not None else None,
    }


def _locked(sequence: Sequence, *, whole: bool = False) -> Sequence:
    """The row as it is now, locked. Raises ValidationError when it was removed."""
    locked = Sequence.objects.select_for_update(no_key=not whole).present().filter(pk=sequence.pk).first()
    if locked is None:
        raise ValidationError(_("This sequence was removed."))
    return locked


def _locked_step(template: EmailTemplate) -> tuple[Sequence, EmailTemplate]:
    sequence = _locked(template.sequence)
    step = EmailTemplate.objects.filter(pk=template.pk, archived_at=None).first()
    if step is None:
        raise ValidationError(_("This step was removed."))
    step.sequence = sequence
    return sequence, step


def _others(sequence: Sequence, step: EmailTemplate) -> list[EmailTemplate]:
    return [other for other in steps_of(sequence) if other.pk != step.pk]


def _place(step: EmailTemplate, others: list[EmailTemplate], position: int) -> bool:
    """Puts ``step`` among ``others``, which are in order; whether that changed anything."""
    return _renumber([*others[:position], step, *others[position:]])


def _renumber(steps: Iterable[EmailTemplate]) -> bool:
    changed = False
    for position, step in enumerate(steps):
        if step.order_index != position:
            step.order_index = position
            step.save()
            changed = True
    return changed


def _raise_edition(sequence: Sequence) -> None:
    sequence.edition += 1
    sequence.save(update_fields=["edition", "updated_at"])


def _drop_stray_tag(sequence: Sequence) -> None:
    if sequence.trigger_event != Trigger.TAG_ADDED:
        sequence.trigger_tag = ""


def _demand_fields(sequence: Sequence) -> None:
    """Raises ValidationError when a step uses what the sequence's new trigger does not bring."""
    for step in steps_of(sequence):
        try:
            keep_checked(step, trigger=sequence.trigger_event)
        except ValidationError as error:
            text = _("The step “%(step)s” does not fit: %(why)s") % {
                "step": step,
                "why": " ".join(error.messages),
            }
            raise ValidationError({"trigger_event": text}) from error
