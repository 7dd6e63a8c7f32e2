"""Merge fields; a stand-in until the part that writes messages is there."""

FIELDS: dict[str, str] = {}


def check(text: str, *, trigger: str = "") -> None:
    """Accepts everything."""
