"""People who sign in, and their logins."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.models import BaseModel
from tenants.models import Church

from .permissions import Role, permissions_of, role_allows
from .querysets import LoginSessionQuerySet, UserManager


class User(AbstractBaseUser, BaseModel):
    """Somebody who signs in. State changes only through the doors in ``accounts.domain``.

    The table exists in each church's schema, and in public for the platform's superusers, whose
    ``tenant`` is empty. ``tenant`` has no foreign key in the database: 5,000 churches would put
    10,000 triggers on the one table of churches.
    """

    tenant = models.ForeignKey(
        Church, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, editable=False
    )
    email = models.EmailField(_("email"), max_length=255)
    password = models.CharField(_("password"), max_length=255, db_column="password_hash")
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=50, choices=Role, default=Role.VOLUNTEER)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_superuser = models.BooleanField(default=False, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        db_table = "tenant_users"
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["last_name", "first_name", "email"]
        constraints = [
            models.UniqueConstraint(
                "tenant",
                Lower("email"),
                name="tenant_users_email_once",
                nulls_distinct=False,
                violation_error_message=_("Somebody with this email address exists already."),
            ),
            # A superuser inside a church would be one by mistake or by attack.
            models.CheckConstraint(
                condition=models.Q(is_superuser=False) | models.Q(tenant=None),
                name="tenant_users_superuser_outside",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        # With the church in it, the very same session lying at another church is none there.
        return salted_hmac(
            "accounts.models.User.session",
            f"{self.tenant_id}|{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    @property
    def permissions(self) -> list[str]:
        return permissions_of(self.role)

    def has_permission(self, permission: str) -> bool:
        """Whether the user's role allows ``"area:action"``."""
        return self.is_active and role_allows(self.role, permission)

    # What Django's admin asks. Its pages of a church ask has_permission instead.
    @property
    def is_staff(self) -> bool:
        return self.is_active

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser


class LoginSession(BaseModel):
    """One login over the API: the family of refresh tokens that descend from it.

    Only the newest refresh token of a family is good; ``current_jti`` names it. Changed only by
    ``accounts.tokens``.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="login_sessions")
    current_jti = models.CharField(max_length=32)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)

    objects = LoginSessionQuerySet.as_manager()

    class Meta:
        db_table = "login_sessions"
        indexes = [models.Index(fields=["expires_at"], name="login_sessions_expiry")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%F %T}"
