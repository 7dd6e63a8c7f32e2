"""Token check of the baseline: the project's, without the question of the church."""

from __future__ import annotations

from typing import Any

from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.tokens import Token

from accounts.models import LoginSession, User
from accounts.tokens import AccessToken


class PlainToken(Token):
    token_type = "access"
    lifetime = AccessToken.lifetime


class PlainTokenAuthentication(JWTAuthentication):
    def get_validated_token(self, raw_token: bytes) -> Any:
        try:
            return PlainToken(raw_token)  # type: ignore[arg-type]  # simplejwt's annotation leaves text out
        except TokenError as error:
            raise InvalidToken from error

    def get_user(self, validated_token: Any) -> User:  # type: ignore[override]  # it knows Django's user alone
        session = (
            LoginSession.objects.alive()
            .select_related("user")
            .filter(pk=validated_token.get("sid"), user_id=validated_token.get("userId"))
            .first()
        )
        if session is None or not session.user.is_active or session.user.role != validated_token.get("role"):
            raise InvalidToken
        return session.user
