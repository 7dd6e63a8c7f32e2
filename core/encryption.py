"""Encryption of field values with keys that can be rotated.

Fernet is AES-128-CBC with an HMAC-SHA256 (https://github.com/fernet/spec). The first of
``FIELD_ENCRYPTION_KEYS`` encrypts, every one of them decrypts.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UndecipherableError(Exception):
    """A stored value was encrypted with a key that is not in FIELD_ENCRYPTION_KEYS."""


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _current_cipher() -> MultiFernet:
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS))


def encrypt(text: str) -> str:
    """Ciphertext (URL-safe base64) of ``text``; two calls give two different ones."""
    return _current_cipher().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text behind ``token``. Raises UndecipherableError."""
    try:
        return _current_cipher().decrypt(token).decode()
    except InvalidToken as error:
        raise UndecipherableError(
            "A stored value cannot be decrypted: its key is missing from FIELD_ENCRYPTION_KEYS."
        ) from error


def rotate(token: str) -> str:
    """``token``, encrypted anew with the first key. Raises UndecipherableError."""
    try:
        return _current_cipher().rotate(token).decode()
    except InvalidToken as error:
        raise UndecipherableError(
            "A stored value cannot be decrypted: its key is missing from FIELD_ENCRYPTION_KEYS."
        ) from error


def is_current(token: str) -> bool:
    """Whether ``token`` was encrypted with the first key, so that no other is needed for it."""
    try:
        _cipher((settings.FIELD_ENCRYPTION_KEYS[0],)).decrypt(token)
    except InvalidToken:
        return False
    return True


def key_proofs() -> list[str]:
    """One check value for each key, in the order of FIELD_ENCRYPTION_KEYS; they tell no key.

    Data that leaves the installation carries them, so that ``missing_keys`` can say elsewhere
    whether all of it can be read there.
    """
    return [Fernet(key).encrypt(b"proof").decode() for key in settings.FIELD_ENCRYPTION_KEYS]


def missing_keys(proofs: list[str]) -> list[int]:
    """Positions, from 1, of the ``key_proofs`` whose keys are not in FIELD_ENCRYPTION_KEYS here."""
    missing = []
    for position, proof in enumerate(proofs, start=1):
        try:
            _current_cipher().decrypt(proof)
        except InvalidToken:
            missing.append(position)
    return missing
