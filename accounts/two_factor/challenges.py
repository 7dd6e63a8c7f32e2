"""What stands between the two steps of a sign-in: a signed text that proves the password was right.

It is no session and no token. It names church and user, and holds a digest of what must stay the same
until the second step: password, access, the second factor, and which codes it has taken. So a new
password ends it, and so does the first sign-in that succeeds.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import TwoFactor
from tenants.context import current_church_or_none

SALT = "accounts.two_factor.challenges"
LIFETIME = timedelta(minutes=5)


class InvalidChallengeError(Exception):
    """Forged, too old, or of another church."""


def _church_id() -> str:
    church = current_church_or_none()
    return str(church.id if church else None)


def _state(factor: TwoFactor) -> str:
    user = factor.user
    taken = f"{factor.pk}|{factor.last_step}|{'.'.join(factor.recovery_digests)}"
    return salted_hmac(
        SALT, f"{user.password}|{user.email}|{user.is_active}|{taken}", algorithm="sha256"
    ).hexdigest()[:32]


def challenge_for(factor: TwoFactor) -> str:
    """A challenge (URL-safe text) for the user whose second factor this is, good for five minutes."""
    return signing.dumps(
        {"user": str(factor.user_id), "church": _church_id(), "state": _state(factor)}, salt=SALT
    )


def _content(challenge: str) -> dict[str, str]:
    try:
        content: dict[str, str] = signing.loads(challenge, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature as error:
        raise InvalidChallengeError from error
    if content["church"] != _church_id():
        raise InvalidChallengeError
    return content


def user_id_of(challenge: str) -> UUID:
    """Whose challenge it is, by its signature alone. Raises InvalidChallengeError."""
    return UUID(_content(challenge)["user"])


def is_for(challenge: str, factor: TwoFactor) -> bool:
    """Whether nothing that the challenge depends on has changed. Raises InvalidChallengeError."""
    return constant_time_compare(_content(challenge)["state"], _state(factor))
