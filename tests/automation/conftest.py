"""What the tests of sequences share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tenants.context import enter_church
from tenants.domain import change_settings


@pytest.fixture
def inside(grace: Any) -> Iterator[Any]:
    """Inside Grace, which has no quiet hours."""
    church = change_settings(church=grace, entries={"quiet_hours": None})
    with enter_church(church):
        yield church


@pytest.fixture
def sequence(inside: Any) -> Callable[..., Any]:
    """``sequence("new_member")``: a running sequence with a mail at once and one three days later."""
    from automation.sequences.domain import add_step, create_sequence

    def make(trigger: str = "manual", **values: Any) -> Any:
        made = create_sequence(**{"name": "Welcome", "trigger_event": trigger, **values})
        add_step(sequence=made, subject="Hello", body_html="<p>Hello</p>")
        add_step(sequence=made, subject="Again", body_html="<p>Again</p>", delay_days=3)
        return made

    return make


@pytest.fixture
def ada(inside: Any) -> Any:
    from members.models import Member

    return Member.objects.get(last_name="Lovelace")
