"""Settings of servers whose tests send passwords by the hundred: the project's, with cheap hashes."""

from churchsaas.settings import *  # noqa: F403 - all of them

PASSWORD_HASHERS = ["tests.hashing.QuickArgon2PasswordHasher"]
