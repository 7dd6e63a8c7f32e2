"""Checks email and password against the users of the host that was asked."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password

from .models import User


class ChurchBackend(BaseBackend):
    """Users of the church that was entered; outside of one, the platform's superusers.

    An unknown address takes as long as a wrong password.
    """

    def authenticate(
        self, request: Any, email: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not email or password is None:
            return None
        user: User | None = User.objects.here().with_email(email).first()
        if user is None:
            make_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: Any) -> User | None:
        user: User | None = User.objects.here().active().filter(pk=user_id).first()
        return user
