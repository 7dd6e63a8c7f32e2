"""Who asks: by token, or by the session of the church's own pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError

from .models import LoginSession, User
from .tokens import AccessToken, current_tenant_id


class ChurchTokenAuthentication(JWTAuthentication):
    """``Authorization: Bearer …``. One query finds the login and its user.

    A user who was switched off, deleted or given another role since, and a login that was ended,
    are refused now, not when the token expires.
    """

    def get_validated_token(self, raw_token: bytes) -> Any:
        try:
            return AccessToken(raw_token)
        except TokenError as error:
            raise InvalidToken(_("The token is not valid here.")) from error

    def get_user(self, validated_token: Any) -> User:
        session = (
            LoginSession.objects.alive()
            .select_related("user")
            .filter(pk=validated_token.get("sid"), user_id=validated_token.get("userId"))
            .first()
        )
        user = session.user if session else None
        if (
            user is None
            or not user.is_active
            or user.tenant_id != current_tenant_id()
            or user.role != validated_token.get("role")
        ):
            raise InvalidToken(_("The token is not valid here."))
        return user


class ChurchSessionAuthentication(SessionAuthentication):
    """The session cookie, for the browsable API; writes need the CSRF token."""

    def authenticate(self, request: Any) -> Any:
        found = super().authenticate(request)
        # The platform's superusers have no church and so nothing to do in this API.
        if found is None or found[0].tenant_id is None:
            return None
        return found
