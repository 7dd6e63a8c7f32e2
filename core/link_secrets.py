"""Secrets in links: made once, shown once; what is kept of one is its digest.

A secret has 256 random bits, so a plain digest of it cannot be turned back, and neither the database nor a
backup opens anything.
"""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def new_secret() -> str:
    """URL-safe text of 43 characters that nobody can guess."""
    return secrets.token_urlsafe(BYTES)


def digest_of(secret: str) -> str:
    """What is kept of a secret: 64 hexadecimal digits (SHA-256)."""
    return hashlib.sha256(secret.encode()).hexdigest()
