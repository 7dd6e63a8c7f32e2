"""The form of a ready-made sequence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from typing import Any

from django.utils.html import format_html_join

MORNING = time(9, 30)


@dataclass(frozen=True)
class Step:
    """A wait and a mail, whose paragraphs may have merge fields."""

    days: int
    subject: str
    paragraphs: tuple[str, ...]
    at: time | None = MORNING

    def values(self) -> dict[str, Any]:
        """As ``automation.sequences.domain.add_step`` takes them."""
        return {
            "subject": self.subject,
            "body_html": format_html_join("\n", "<p>{}</p>", ((text,) for text in self.paragraphs)),
            "delay_days": self.days,
            "send_at": self.at,
        }


@dataclass(frozen=True)
class ReadyMade:
    """A sequence in one language. ``key`` is the same in all."""

    key: str
    name: str
    description: str
    trigger_event: str
    topic: str
    steps: tuple[Step, ...]
    options: dict[str, bool] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """As ``automation.sequences.domain.create_sequence`` takes them."""
        return {
            "name": self.name,
            "description": self.description,
            "trigger_event": self.trigger_event,
            "topic": self.topic,
            **self.options,
        }
