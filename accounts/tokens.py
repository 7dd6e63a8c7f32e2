"""JSON web tokens that are bound to a church, a login and a role.

simplejwt as it comes would take a token of one church at every other where the user's id exists.
Here each token names its church, checked whenever one is read, whatever its type.
"""

from __future__ import annotations

import base64
import time
import uuid
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from jwt import PyJWK
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token

from tenants.context import current_church_or_none

from .models import LoginSession, User
from .signals import sign_ins_changed
from .two_factor import requirement

# So many tokens are known again without their signature being computed anew; about 1 kB each.
TOKENS_KNOWN = 10_000


class PreparedKeyBackend(TokenBackend):
    """simplejwt's, with the secret prepared once, and each token's signature checked once a process.

    PyJWT looks at a secret that it is handed as text anew for each token, to be sure that it is no
    public key; one that comes as a JWK (RFC 7517) was looked at when it was made. A signature that was
    right stays right, so what a token says is kept; whether it still holds is asked each time.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._read_once = lru_cache(TOKENS_KNOWN)(super().decode)

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        if not verify:
            return super().decode(token, verify=False)
        payload = self._read_once(token)
        if payload["exp"] <= time.time():
            # Says in its own words that it has expired.
            return super().decode(token)
        return {**payload}

    @cached_property
    def _prepared(self) -> PyJWK:
        secret = base64.urlsafe_b64encode(str(self.signing_key).encode()).rstrip(b"=").decode()
        return PyJWK({"kty": "oct", "alg": self.algorithm, "k": secret})

    def get_verifying_key(self, token: Any) -> Any:
        return self._prepared


BACKEND = PreparedKeyBackend(api_settings.ALGORITHM, api_settings.SIGNING_KEY)


class ChurchToken(Token):
    """A token of the church that was entered. Reading one of any other raises TokenError."""

    def get_token_backend(self) -> TokenBackend:
        return BACKEND

    if TYPE_CHECKING:
        # simplejwt's own annotation leaves out that a token is read from text.
        def __init__(self, token: Any = None, verify: bool = True) -> None: ...

    def verify(self) -> None:
        super().verify()
        church = current_church_or_none()
        if church is None or self.payload.get("tenantId") != str(church.id):
            raise TokenError(_("Token is invalid"))
        for claim in ("userId", "sid"):
            try:
                uuid.UUID(self.payload.get(claim))
            except (TypeError, ValueError, AttributeError) as error:
                raise TokenError(_("Token is invalid")) from error

    @classmethod
    def for_login(cls, session: LoginSession, user: User) -> ChurchToken:
        """A token with the claims of contract: userId, tenantId, role, permissions; and the login."""
        token = cls()
        token["userId"] = str(user.pk)
        token["tenantId"] = str(user.tenant_id)
        token["role"] = user.role
        token["permissions"] = user.permissions
        token["sid"] = str(session.pk)
        return token


class AccessToken(ChurchToken):
    token_type = "access"  # noqa: S105 - a kind of token, no password
    lifetime: timedelta = api_settings.ACCESS_TOKEN_LIFETIME


class RefreshToken(ChurchToken):
    token_type = "refresh"  # noqa: S105 - as above
    lifetime: timedelta = api_settings.REFRESH_TOKEN_LIFETIME


def _pair(session: LoginSession, user: User, refresh: ChurchToken) -> dict[str, str]:
    return {"access": str(AccessToken.for_login(session, user)), "refresh": str(refresh)}


def _refuse_without_second_factor(user: User) -> None:
    # Only where it is asked for is it looked up.
    if requirement.is_missing(user.role, None) and not user.has_second_factor:
        raise requirement.SecondFactorMissingError


def start_login(*, user: User, user_agent: str = "") -> dict[str, str]:
    """A new login: ``{"access", "refresh"}``. Raises SecondFactorMissingError."""
    _refuse_without_second_factor(user)
    now = timezone.now()
    session = LoginSession(
        user=user, last_used_at=now, expires_at=now + RefreshToken.lifetime, user_agent=user_agent[:200]
    )
    refresh = RefreshToken.for_login(session, user)
    session.current_jti = refresh["jti"]
    session.save(force_insert=True)
    return _pair(session, user, refresh)


def _session_of(token: Any) -> LoginSession:
    session = (
        LoginSession.objects.alive()
        .select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=token.get("sid"))
        .first()
    )
    if session is None or not session.user.is_active or session.user.tenant_id != current_tenant_id():
        raise TokenError(_("Token is invalid"))
    return session


def current_tenant_id() -> Any:
    church = current_church_or_none()
    return church.id if church else None


def renew_login(*, refresh: str) -> dict[str, str]:
    """The next pair of a login; the old refresh token dies. Raises TokenError, and
    SecondFactorMissingError, which leaves the token as it was.

    An old refresh token that comes back is either stolen or its thief's victim's: the whole login
    ends (OAuth 2.0 Security BCP, RFC 9700, 4.14.2).
    """
    token = RefreshToken(refresh)
    reused = False
    with transaction.atomic():
        session = _session_of(token)
        if session.current_jti != token["jti"]:
            reused = True
            session.revoked_at = timezone.now()
            session.save(update_fields=["revoked_at", "updated_at"])
            sign_ins_changed.send(sender=User, user=session.user)
        else:
            _refuse_without_second_factor(session.user)
            successor = RefreshToken.for_login(session, session.user)
            session.current_jti = successor["jti"]
            session.last_used_at = timezone.now()
            session.expires_at = session.last_used_at + RefreshToken.lifetime
            session.save(update_fields=["current_jti", "last_used_at", "expires_at", "updated_at"])
    if reused:
        raise TokenError(_("Token is invalid"))
    return _pair(session, session.user, successor)


def end_login(*, refresh: str) -> None:
    """Ends the login that ``refresh`` belongs to, its access tokens too. Raises TokenError."""
    token = RefreshToken(refresh)
    with transaction.atomic():
        session = _session_of(token)
        session.revoked_at = timezone.now()
        session.save(update_fields=["revoked_at", "updated_at"])
        sign_ins_changed.send(sender=User, user=session.user)


def end_all_logins(*, user: User, keep: uuid.UUID | None = None) -> None:
    """Ends every login of ``user`` over the API, but for the one with the id ``keep``."""
    others = LoginSession.objects.filter(user=user, revoked_at=None).exclude(pk__in=[keep] if keep else [])
    others.update(revoked_at=timezone.now())
    sign_ins_changed.send(sender=User, user=user)


def forget_ended_logins(**_event: Any) -> None:
    """Deletes logins whose last refresh token has expired; receives ``tenants.signals.church_swept``."""
    LoginSession.objects.filter(expires_at__lt=timezone.now()).delete()
