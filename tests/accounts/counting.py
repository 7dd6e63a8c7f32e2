"""A password hasher that hashes as that of the tests does, and counts."""

from __future__ import annotations

from typing import Any

from tests.hashing import QuickArgon2PasswordHasher


class CountingHasher(QuickArgon2PasswordHasher):
    """``count`` is how often a password was hashed since it was last set to 0."""

    count = 0

    def encode(self, *args: Any, **kwargs: Any) -> str:
        CountingHasher.count += 1
        return super().encode(*args, **kwargs)

    def verify(self, *args: Any, **kwargs: Any) -> bool:
        CountingHasher.count += 1
        return super().verify(*args, **kwargs)
