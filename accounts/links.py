"""Links sent by mail: to set a first password, and to set a new one.

A link is signed and holds user, church and a digest of the present password, so that it works once
and only where it was made; no table is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from tenants.context import current_church_or_none

from .models import User

SALT = "accounts.links"


@dataclass(frozen=True)
class Purpose:
    name: str
    lifetime: timedelta


INVITATION = Purpose("invitation", timedelta(days=7))
RESET = Purpose("reset", timedelta(hours=1))
PURPOSES = {purpose.name: purpose for purpose in (INVITATION, RESET)}


class InvalidLinkError(ValidationError):
    """The link is forged, expired, used, or of another church; the text does not say which."""

    def __init__(self) -> None:
        super().__init__({"token": _("This link is not valid any more. Ask for a new one.")})


def _state(user: User) -> str:
    return salted_hmac(
        SALT, f"{user.password}|{user.email}|{user.is_active}", algorithm="sha256"
    ).hexdigest()[:32]


def make_token(user: User, purpose: Purpose) -> str:
    """A token (URL-safe text) that sets ``user``'s password once."""
    return signing.dumps(
        {"user": str(user.pk), "church": str(user.tenant_id), "for": purpose.name, "state": _state(user)},
        salt=SALT,
    )


def user_of_token(token: str, *, lock: bool = False) -> User:
    """The user whose password ``token`` may set. Raises InvalidLinkError."""
    try:
        content = signing.loads(token, salt=SALT)
        purpose = PURPOSES[content["for"]]
        content = signing.loads(token, salt=SALT, max_age=purpose.lifetime)
    except (signing.BadSignature, KeyError) as error:
        raise InvalidLinkError from error
    church = current_church_or_none()
    if content["church"] != str(church.id if church else None):
        raise InvalidLinkError
    users = User.objects.here().active()
    user: User | None = (users.select_for_update() if lock else users).filter(pk=content["user"]).first()
    if user is None or not constant_time_compare(content["state"], _state(user)):
        raise InvalidLinkError
    return user
