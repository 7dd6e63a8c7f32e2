"""Events of the demo's churches: a month around today."""

from __future__ import annotations

from accounts.models import User
from members.demo.parts import demo_part


@demo_part(position=20)
def events(accounts: dict[str, User]) -> None:
    """Services, a group, a weekend that is full, and who was there."""
