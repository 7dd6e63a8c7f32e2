"""Tickets: what a client that can send no header puts into the stream's address, good for a minute.

A token in an address would be kept by logs and histories for as long as it is good. A ticket is signed,
opens this stream alone, and ends with the sign-in that asked for it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken

from accounts.authentication import ChurchTokenAuthentication
from accounts.models import User
from accounts.sessions.standing import users_of
from accounts.tokens import AccessToken, current_tenant_id

from .listener import SignIn

SALT = "notifications.stream"
LIFETIME = timedelta(minutes=1)
PARAMETER = "ticket"


def sign_in_of(request: Any) -> SignIn:
    """Through what the request came."""
    if isinstance(request.auth, SignIn):
        return request.auth
    user: Any = request.user
    is_program = isinstance(request.auth, AccessToken)
    return SignIn(
        user_id=user.pk,
        role=user.role,
        session_id=user.present_session,
        is_browser=not is_program,
        ends_at=int(request.auth["exp"]) if is_program else 0,
    )


def ticket_for(sign_in: SignIn) -> str:
    """A ticket for who asks for it now."""
    content = {
        "church": str(current_tenant_id()),
        "user": str(sign_in.user_id),
        "role": sign_in.role,
        "session": str(sign_in.session_id),
        "browser": sign_in.is_browser,
        "ends": sign_in.ends_at,
    }
    return signing.dumps(content, salt=SALT)


def holder_of(ticket: str) -> tuple[User, SignIn] | None:
    """Who may listen by ``ticket``; None when it is forged, over, of another church, or the sign-in
    behind it has ended.
    """
    try:
        content = signing.loads(ticket, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    if content["church"] != str(current_tenant_id()):
        return None
    sign_in = SignIn(
        user_id=UUID(content["user"]),
        role=content["role"],
        session_id=UUID(content["session"]),
        is_browser=content["browser"],
        ends_at=content["ends"],
    )
    ids = {sign_in.session_id}
    user = (users_of(browsers=ids) if sign_in.is_browser else users_of(logins=ids)).get(sign_in.session_id)
    if user is None or (user.pk, user.role) != (sign_in.user_id, sign_in.role) or sign_in.has_run_out:
        return None
    return user, sign_in


class TicketAuthentication(BaseAuthentication):
    """``?ticket=…``; one that is not good is refused, whatever else the request carries."""

    def authenticate(self, request: Any) -> tuple[User, SignIn] | None:
        ticket = request.query_params.get(PARAMETER)
        if ticket is None:
            return None
        # A header that is not good is refused as well: a ticket does not make up for it.
        has_header = "Authorization" in request.headers
        holder = holder_of(ticket)
        if holder is None or (has_header and ChurchTokenAuthentication().authenticate(request) is None):
            raise InvalidToken(_("The ticket is not valid here."))
        return holder

    def authenticate_header(self, request: Any) -> str:
        return ChurchTokenAuthentication().authenticate_header(request)


class TicketDescription(OpenApiAuthenticationExtension):
    """How the API's description names the ticket."""

    target_class = TicketAuthentication
    name = "ticket"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "query", "name": PARAMETER}
