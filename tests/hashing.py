"""Password hashes that cost nothing: a thousand logins of a test run would take two minutes."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2 like the project's, with the least work that it allows."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
