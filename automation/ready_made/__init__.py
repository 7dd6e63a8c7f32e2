"""Sequences that a church need not write itself, in its own language."""

from __future__ import annotations

from django.db import transaction

from automation.models import Sequence
from automation.sequences.domain import add_step, create_sequence
from tenants.context import current_church

from . import english, spanish
from .texts import ReadyMade, Step

__all__ = ["ReadyMade", "Step", "add_ready_made", "offered"]

_BY_LANGUAGE = {"en": english.SEQUENCES, "es": spanish.SEQUENCES}


def offered() -> tuple[ReadyMade, ...]:
    """The ready-made sequences in the language of the church that was entered; in English where there are
    none in it.
    """
    return _BY_LANGUAGE.get(current_church().language.partition("-")[0], english.SEQUENCES)


@transaction.atomic
def add_ready_made(name: str) -> Sequence:
    """Adds the ready-made sequence whose ``key`` is ``name``, with its steps. It is paused until somebody
    starts it. Raises KeyError for an unknown name.
    """
    known = {sequence.key: sequence for sequence in offered()}
    chosen = known[name]
    sequence = create_sequence(**chosen.values(), is_active=False)
    for step in chosen.steps:
        add_step(sequence=sequence, **step.values())
    return sequence
