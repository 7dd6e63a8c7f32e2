"""Keys: from the environment, or (in development alone) made once and kept under VAR_DIR."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import get_random_string

INSECURE_PREFIXES = ("django-insecure", "change-me", "changeme", "secret", "insecure")


def development_secrets(directory: Path) -> dict[str, str]:
    """SECRET_KEY and FIELD_ENCRYPTION_KEYS of this checkout, made at first use.

    The file is readable by its owner alone. Two processes that start at once get the same keys.
    """
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory / "secrets.json", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        content = file.read()
        if content:
            secrets: dict[str, str] = json.loads(content)
            return secrets
        secrets = {
            # Letters and digits: a value that begins with $ would be taken for another variable's name.
            "SECRET_KEY": get_random_string(64),
            "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        file.write(json.dumps(secrets))
        return secrets


def required_secret(name: str, value: str, *, debug: bool, var_dir: Path) -> str:
    """``value``, or in development a generated one. Raises ImproperlyConfigured otherwise."""
    if not value and debug:
        return development_secrets(var_dir)[name]
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. It is required while DEBUG is off; README.md says how to make one."
        )
    if not debug and (value.lower().startswith(INSECURE_PREFIXES) or len(value) < 32):
        raise ImproperlyConfigured(
            f"{name} is a default or too short (under 32 characters). Set a random one while DEBUG is off."
        )
    return value


def encryption_keys(value: str) -> list[str]:
    """The comma-separated Fernet keys, each checked. Raises ImproperlyConfigured."""
    keys = [key.strip() for key in value.split(",") if key.strip()]
    for position, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"FIELD_ENCRYPTION_KEYS: key {position} is not a Fernet key (32 bytes, URL-safe base64)."
            ) from error
    return keys
