"""Addresses as they may be shown to whoever has a link: enough for the person, too little for others."""

from __future__ import annotations


def masked(address: str) -> str:
    """``j…@example.org`` of a mail address, ``…23`` of a number."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}…@{host}" if at else f"…{address[-2:]}"
