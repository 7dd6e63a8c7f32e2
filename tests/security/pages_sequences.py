"""Sequences in the table of pages. Those that only take what is posted answer 405 to a look at them."""

from __future__ import annotations

from typing import Any

from tests.security.page import Page

READ, WRITE = "automation:read", "automation:write"
BASE = "admin/automation/sequence/"
SEQUENCE = f"{BASE}<uuid:sequence_id>/"
STEP = f"{SEQUENCE}steps/<uuid:step_id>/"

PAGES = [
    Page(f"{BASE}ready-made/", WRITE, 405),
    Page(f"{BASE}messages/", READ),
    Page(f"{BASE}messages/<uuid:message_id>/", WRITE, 405, "undecided message"),
    Page(f"{SEQUENCE}act/", WRITE, 405, "told sequence"),
    Page(f"{SEQUENCE}steps/add/", WRITE, kind="told sequence"),
    Page(STEP, WRITE, kind="told step"),
    Page(f"{STEP}act/", WRITE, 405, "told step"),
    Page(f"{STEP}remove/", WRITE, kind="told step"),
    Page(f"{SEQUENCE}people/", READ, kind="told sequence"),
    Page(f"{SEQUENCE}people/add/", WRITE, kind="told sequence"),
    Page(f"{SEQUENCE}people/<uuid:enrolment_id>/take-out/", WRITE, kind="told person"),
]


def _sequence() -> Any:
    """One with a step, and somebody in it."""
    from automation.enrolling.domain import enrol
    from automation.sequences.domain import add_step, create_sequence
    from members.models import Member

    sequence = create_sequence(name="Told", trigger_event="manual")
    add_step(sequence=sequence, subject="Hello", body_text="Hello")
    enrol(sequence=sequence, member=Member.objects.earliest("created_at"))
    return sequence


def _step() -> Any:
    sequence = _sequence()
    return sequence.pk, sequence.templates.get().pk


def _person() -> Any:
    sequence = _sequence()
    return sequence.pk, sequence.enrolments.get().pk


def _undecided() -> Any:
    from automation.models import AutomatedMessage

    message = AutomatedMessage.objects.get(enrolment=_sequence().enrolments.get())
    message.status = AutomatedMessage.Status.FAILED
    message.save()
    return message.pk


MAKERS = {
    "told sequence": lambda: _sequence().pk,
    "told step": _step,
    "told person": _person,
    "undecided message": _undecided,
}
