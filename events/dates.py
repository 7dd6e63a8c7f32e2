"""How an address names one date of a series: its original start, ``20260308T150000Z``."""

from __future__ import annotations

from datetime import UTC, datetime

FORM = "%Y%m%dT%H%M%SZ"


def date_key(instant: datetime) -> str:
    """The text that stands in an address for a time."""
    return instant.astimezone(UTC).strftime(FORM)


def date_of_key(text: str | None) -> datetime | None:
    """The time (UTC) that such a text means; None where it means none."""
    try:
        return datetime.strptime(text or "", FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
