"""Who asks: by token, or by the session of the church's own pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError

from core.fixed_queries import FixedQuery

from .models import LoginSession, User
from .tokens import AccessToken, current_tenant_id
from .two_factor import requirement

# What a request needs to know of its user; anything else (the password's hash) is read when asked for.
USER_COLUMNS = ["id", "tenant_id", "email", "first_name", "last_name", "role", "is_active", "is_superuser"]

# Asked at every request, so its text is made once.
USER_OF_LOGIN = FixedQuery(
    lambda session, user, at: (
        LoginSession.objects.alive(at)
        .filter(pk=session, user_id=user)
        .values_list("user__two_factor__confirmed_at", *(f"user__{name}" for name in USER_COLUMNS))
    ),
    session=UUID(int=1),
    user=UUID(int=2),
    at=datetime(2000, 1, 1, tzinfo=UTC),
)


class ChurchTokenAuthentication(JWTAuthentication):
    """``Authorization: Bearer …``. One query finds the login and its user.

    A user who was switched off, deleted or given another role since, and a login that was ended,
    are refused now, not when the token expires. So is, with 403, who must have a second factor by now
    and has none: a new token would not help.
    """

    def get_validated_token(self, raw_token: bytes) -> Any:
        try:
            return AccessToken(raw_token)
        except TokenError as error:
            raise InvalidToken(_("The token is not valid here.")) from error

    def get_user(self, validated_token: Any) -> User:  # type: ignore[override]  # it knows Django's user alone
        found = USER_OF_LOGIN.rows(
            session=UUID(validated_token["sid"]), user=UUID(validated_token["userId"]), at=timezone.now()
        )
        for second_factor_since, *values in found:
            user = User.from_db("default", USER_COLUMNS, values)
            if (
                user.is_active
                and user.tenant_id == current_tenant_id()
                and user.role == validated_token.get("role")
            ):
                if requirement.is_missing(user.role, second_factor_since):
                    raise requirement.SecondFactorMissingError
                user.present_session = UUID(validated_token["sid"])
                return user
        raise InvalidToken(_("The token is not valid here."))


class ChurchSessionAuthentication(SessionAuthentication):
    """The session cookie, for the browsable API; writes need the CSRF token."""

    def authenticate(self, request: Any) -> Any:
        found = super().authenticate(request)
        # The platform's superusers have no church and so nothing to do in this API.
        if found is None or found[0].tenant_id is None:
            return None
        if found[0].lacks_second_factor:
            raise requirement.SecondFactorMissingError
        return found


class TokenDescription(OpenApiAuthenticationExtension):
    """How the API's description names the token."""

    target_class = ChurchTokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SessionDescription(OpenApiAuthenticationExtension):
    """How the API's description names the session cookie."""

    target_class = ChurchSessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
