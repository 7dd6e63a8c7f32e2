"""Secrets, the codes that follow from them, and recovery codes. Knows no user and stores nothing.

Codes are those of RFC 6238 as every authenticator app reckons them: SHA-1, six digits, thirty
seconds. The algorithm is django-otp's; that library's devices and tables are not used.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
from urllib.parse import quote, urlencode

import segno
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django_otp.oath import TOTP

# RFC 4226, section 4: the secret should have 160 bits.
SECRET_BYTES = 20
# A code of the step before or after is taken too: clocks differ, and typing takes time.
DRIFT = 1
RECOVERY_CODES = 10
# Neither 0, 1 nor o, l, i, which look alike on paper. Twelve of these are 59 bits.
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
RECOVERY_LENGTH = 12

BY_TIME = re.compile(r"[0-9]{6}")
BETWEEN = re.compile(r"[\s-]+")


def new_secret() -> str:
    """A secret in base32, as apps take it when it is typed."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def normalized(code: str) -> str:
    """``code`` without blanks and hyphens, in small letters."""
    return BETWEEN.sub("", code).lower()


def step_of(secret: str, code: str, *, after: int) -> int | None:
    """The time step of which ``code`` is, if that is later than ``after`` and about now."""
    if not BY_TIME.fullmatch(normalized(code)):
        return None
    totp = TOTP(base64.b32decode(secret))
    # One moment for the whole look, which may fall on the border of two steps.
    totp.time = time.time()
    if not totp.verify(int(normalized(code)), tolerance=DRIFT, min_t=after + 1):
        return None
    return int(totp.t())


def address_for_app(secret: str, *, account: str, issuer: str) -> str:
    """The ``otpauth:`` address that authenticator apps read
    (https://github.com/google/google-authenticator/wiki/Key-Uri-Format).
    """
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(account, safe='')}?{query}"


def picture(address: str) -> SafeString:
    """``address`` as a QR code: an SVG element without script or style."""
    drawn: str = segno.make(address, error="m").svg_inline(scale=5, border=4, light="#fff", dark="#000")
    # Of numbers alone: the address is drawn, not written into it.
    return mark_safe(drawn)  # noqa: S308 - as said


def new_recovery_codes() -> list[str]:
    """Codes for paper, ``xxxx-xxxx-xxxx``."""
    drawn = [
        "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    return ["-".join(code[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4)) for code in drawn]


def digest(secret: str, code: str) -> str:
    """What is stored of a recovery code.

    A fast hash will do, for nobody guesses 59 bits. It is keyed with the second factor's own secret,
    so that it means nothing without the key of encrypted fields and goes with a church that moves.
    """
    return salted_hmac(
        "accounts.two_factor.recovery", normalized(code), secret=secret, algorithm="sha256"
    ).hexdigest()


def matching_digest(secret: str, code: str, digests: list[str]) -> str | None:
    """That of ``digests`` which belongs to ``code``."""
    wanted = digest(secret, code)
    return next((stored for stored in digests if constant_time_compare(stored, wanted)), None)
