"""Reads of users that more than one place uses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from tenants.context import current_church_or_none

from .permissions import Role

if TYPE_CHECKING:
    from .models import BrowserSession, LoginSession, User  # noqa: F401 - a base class names it in text


def normalized_email(email: str) -> str:
    """The form in which addresses are stored, compared and counted."""
    return email.strip().lower()


class UserQuerySet(models.QuerySet["User"]):
    def here(self) -> UserQuerySet:
        """Users of the church that was entered, or the platform's outside of one.

        Each user carries the church in a column although the schema says it already: should a
        connection ever stand in another church than the request thinks, nobody is found.
        """
        return self.filter(tenant=current_church_or_none())

    def with_email(self, email: str) -> UserQuerySet:
        return self.alias(lower_email=Lower("email")).filter(lower_email=normalized_email(email))

    def with_second_factor(self) -> UserQuerySet:
        """Reads with each user, in the same query, since when they have a second factor."""
        return self.select_related("two_factor").defer("two_factor__secret", "two_factor__recovery_digests")

    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def administrators(self) -> UserQuerySet:
        return self.active().filter(role=Role.ADMIN)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # class made at run time
    """Adds what ``manage.py createsuperuser`` calls."""

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A superuser of the platform; lives outside the churches."""
        user: User = self.model(
            email=normalized_email(email), tenant=None, is_superuser=True, role=Role.ADMIN, **fields
        )
        user.set_password(password)
        user.save(using=self._db)
        return user


class LoginSessionQuerySet(models.QuerySet["LoginSession"]):
    def alive(self, at: datetime | None = None) -> LoginSessionQuerySet:
        """Logins that were neither ended nor over at ``at`` (now)."""
        return self.filter(revoked_at=None, expires_at__gt=at or timezone.now())


class BrowserSessionQuerySet(models.QuerySet["BrowserSession"]):
    def alive(self) -> BrowserSessionQuerySet:
        """Those whose cookie cannot have run out: it lives that long after the last page."""
        return self.filter(last_used_at__gt=timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE))

    def over(self) -> BrowserSessionQuerySet:
        """Those whose cookie has run out."""
        return self.filter(last_used_at__lte=timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE))
